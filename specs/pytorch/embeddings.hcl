# Embeddings of images by a backbone, and methods on them: what specs/embeddings does with embeddings that are given.
#
#   pip install -r specs/pytorch/requirements.txt
#   spurion run specs/pytorch/embeddings.hcl                  a backbone with random weights
#   spurion run --data-root backbones=FOLDER --var backbone=resnet.pt --var sha256=HEX specs/pytorch/embeddings.hcl
#   spurion run --data-root backbones=FOLDER --var backbone=efficientnet-lite0-57934424.pth --var network=specs/pytorch/efficientnet.py:lite0
#     --var 'prepare=["--channels", "3", "--resize", "128", "64", "--mean", "0.5", "--std", "0.5"]' specs/pytorch/embeddings.hcl
#
# A backbone is a file of TorchScript, of which embed.py says more; docs/pytorch.md has the lines that make one of torchvision's. The images are the
# Dominoes of Fashion-MNIST; any import's or compose's will do.

description = "Embeddings by a backbone in PyTorch, and methods on them"

variable "backbone" {
  type        = string
  default     = ""
  description = "A file of the data root backbones, TorchScript, or a state_dict with network. Empty for a small network with random weights."
}

variable "network" {
  type        = string
  default     = ""
  description = "What makes the network that a state_dict is of: FILE.py:FUNCTION. Empty for TorchScript, which holds it."
}

variable "sha256" {
  type        = string
  default     = ""
  description = "The SHA-256 of the backbone. With another file the embedding fails; empty takes any."
}

variable "prepare" {
  type        = list(string)
  default     = []
  description = "Options of embed.py: what is done to images first, such as [\"--channels\", \"3\", \"--resize\", \"224\", \"224\"]."
}

variable "device" {
  type        = string
  default     = "auto"
  description = "Where PyTorch computes: cpu; cuda, which wants a GPU; or auto, a GPU where there is one."
}

variable "seeds" {
  type        = number
  default     = 2
  description = "How many seeds each method is repeated with."
}

locals {
  made    = var.backbone == ""
  files   = ["specs/data/fashion-mnist/*.gz"]
  program = concat(["specs/pytorch/embed.py", "specs/pytorch/tables.py", "specs/pytorch/requirements.txt"], var.network == "" ? [] : [split(":", var.network)[0]])
  methods = {
    erm       = { name = "erm" }
    group_dro = { name = "group_dro" }
  }
}

sweep "seeds" {
  seed = range(var.seeds)
}

stage "import" "garments" {
  files = local.files
  label {
    keep  = { 3 = 0, 4 = 1 }
    names = ["dress", "coat"]
  }
  split { fractions = { train = 0.8, validation = 0.2 } }
}

stage "import" "beneath" {
  files = local.files
  label {
    keep  = { 1 = 0, 7 = 1 }
    names = ["trouser", "sneaker"]
  }
  split { fractions = { train = 0.8, validation = 0.2 } }
}

stage "compose" "dominoes" {
  core                = import.garments.dataset
  spurious            = import.beneath.dataset
  layout              = "stack"
  strength            = 0.95
  validation_strength = 0.5
  test_strength       = 0.5
}

# It is made in any case, in a second.
stage "exec" "backbone" {
  command = ["python3", "specs/pytorch/backbone.py", 1]
  files   = ["specs/pytorch/backbone.py"]
  seed    = 0
  output "file" {
    path   = "backbone.pt"
    format = "file"
  }
}

# The backbone's bytes are in the key, whatever it is called; so are the program's, and what it says that it needs.
stage "exec" "embed" {
  command     = concat(["python3", "specs/pytorch/embed.py", "--device", var.device, "--sha256", var.sha256, "--network", var.network, "--backbone", local.made ? "inputs/backbone.pt" : "backbones/${var.backbone}"], var.prepare)
  files       = local.made ? local.program : concat(local.program, [external("backbones/${var.backbone}")])
  inputs      = local.made ? { data = compose.dominoes.dataset, backbone = exec.backbone.file } : { data = compose.dominoes.dataset }
  pass        = ["CUDA_VISIBLE_DEVICES"]
  environment = { CUBLAS_WORKSPACE_CONFIG = ":4096:8" }
  output "dataset" {
    path = "embeddings.parquet"
    type = "dataset"
  }
}

stage "debias" "methods" {
  for_each = [sweep.seeds, [for a, m in local.methods : { algorithm = a }]]
  data     = exec.embed.dataset
  method   = local.methods[each.algorithm]
  epochs   = 20
  batch    = 64
  network { hidden = [] }
  optimizer "sgd" {
    rate     = 0.05
    momentum = 0.9
  }
  evaluation { every_epochs = 1 }
}

stage "head" "dfr" {
  for_each = sweep.seeds
  model    = debias.methods[{ seed = each.seed, algorithm = "erm" }].model
  base     = debias.methods[{ seed = each.seed, algorithm = "erm" }].summary
  data     = exec.embed.dataset
  head "dfr" {}
}

stage "table" "methods" {
  tables  = [debias.methods[*].summary, head.dfr[*].summary]
  columns = ["method", "selection", "accuracy", "worst_group_accuracy"]
  where   = { selection = "best_validation_worst_group" }
  missing = "null"
}
