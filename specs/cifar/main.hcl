# Dominoes of CIFAR-10: what of the paper's findings (arXiv 2403.03375) shows on photographs?
#
#   spurion run --data-root cifar=FOLDER --data-root mnist=FOLDER specs/cifar
#   spurion run ... --var seeds=1 specs/cifar            a quick look
#   spurion run ... --var batches=true specs/cifar       CIFAR-10 in its binary batches
#
# The folder cifar holds pictures, as train/cat/0000.jpg and test/cat/0000.jpg, or the binary batches, mnist the four files of MNIST.
# docs/cifar.md says where they are to be had, and what came out.
#
# A pair is two classes on top (core), one of which is the label, and two beneath (spurious), one of which goes with it for a
# share λ of the training images: an automobile or a truck above a 0 or 1, and, as the hard pair, a cat or a dog above a truck or an
# automobile. Training sets are 6,400 Dominoes, drawn from five sixths of the top's training images. Held-out ones (1,000, from the last
# sixth) and test ones (2,000, from the test set) are of other images, and have λ = .5. Each seed draws its own.
# The paper has these pairs, but which networks, optimisers and rates it trains is not known: all settings are OURS.
#
# Settings were chosen with seed 100, of which trainings and error sets were seen, but nothing of R2, R4 and R5. So were the levels of R1a
# and the bounds of R3, R6, weak and r4_caught_up; those of R2, R4 and R5 are those of specs/dominoes. All were fixed before any other
# seed was run. Six seeds were meant, and three were done when the time was up.

description = "Dominoes of CIFAR-10 and MNIST, an easy and a hard pair, by a CNN"

variable "seeds" {
  type        = number
  default     = 3
  description = "How many seeds each setting is repeated with."
  validation {
    condition     = var.seeds >= 1
    error_message = "There must be at least one seed."
  }
}

variable "first_seed" {
  type        = number
  default     = 0
  description = "The first seed. Settings and bounds were chosen with seeds from 100 on."
}

variable "batches" {
  type        = bool
  default     = false
  description = "Whether the data root cifar holds CIFAR-10's binary batches, in place of folders of pictures."
}

locals {
  seeds = range(var.first_seed, var.first_seed + var.seeds)
  batch = 64
  epoch = 100 # steps, of 6,400 images

  # A case is a pair and a network. The MLP is too weak for photographs, which is one of the claims, and gets a third of the steps.
  cases = [
    { pair = "vehicles", network = "mlp" },
    { pair = "vehicles", network = "cnn" },
    { pair = "animals", network = "cnn" },
  ]
  steps = { mlp = 500, cnn = 1500 }

  # The time, in steps, when the spurious feature is ahead.
  early = { vehicles = { mlp = 10, cnn = 50 }, animals = { cnn = 200 } }

  optimizer = { type = "sgd", rate = 0.01, momentum = 0.9 }
  networks = {
    mlp = { hidden = [256] }
    cnn = { type = "cnn", layers = local.layers, hidden = [128] }
  }
  layers = [conv(16, 5), relu(), max_pool(2), conv(32, 5), relu(), max_pool(2)]

  # Classes by name, and by their numbers in the binary batches.
  numbers = { automobile = 1, cat = 3, dog = 5, truck = 9 }
  sources = {
    vehicles = ["automobile", "truck"]
    animals  = ["cat", "dog"]
    beneath  = ["truck", "automobile"]
  }
  pairs = {
    vehicles = { core = "vehicles", spurious = "digits", says = "automobile or truck above 0 or 1" }
    animals  = { core = "animals", spurious = "beneath", says = "cat or dog above truck or automobile" }
  }

  # What the paper says, in words of ours.
  paper = {
    R1a = "The stronger the spurious correlation, the later the core feature is learned."
    R2  = "A network forms two subnetworks, one for the core feature and one for the spurious one."
    R3  = "With parities the core feature is learned in a phase of its own, after the spurious one; with staircases the phases overlap."
    R4  = "Spurious features are not forgotten after the core feature is learned."
    R5  = "Retraining the last layer on balanced data undoes the reliance on the spurious feature."
    R6  = "Debiasing that takes what is learned early for the spurious feature fails in harder settings."
  }

  # What figures and claims call things.
  called = { mlp = "MLP", cnn = "CNN" }
  lambda = { "0.5" = "λ = .5", "0.8" = "λ = .8", "0.95" = "λ = .95" }
}

sweep "dominoes" {
  pair     = keys(local.pairs)
  strength = [0.5, 0.8, 0.95]
  seed     = local.seeds
}

# Which images are held out is the same for all seeds.
stage "import" "cifar" {
  for_each = [for k, classes in local.sources : { of = k }]
  files    = var.batches ? [external("cifar/*.bin")] : [for c in local.sources[each.of] : external("cifar/*/${c}/*")]
  label {
    folder = var.batches ? null : 1
    keep   = { for i, c in local.sources[each.of] : (var.batches ? tostring(local.numbers[c]) : c) => i }
    names  = local.sources[each.of]
  }
  split {
    folder    = var.batches ? null : 2
    fractions = { train = 5 / 6, validation = 1 / 6 }
    stratify  = "class"
  }
  source {
    name    = "CIFAR-10"
    licence = "none stated"
  }
}

stage "import" "digits" {
  files  = [external("mnist/*.gz")]
  resize = [32, 32]
  label {
    keep  = { 0 = 0, 1 = 1 }
    names = ["0", "1"]
  }
  split {
    fractions = { train = 5 / 6, validation = 1 / 6 }
    stratify  = "class"
  }
  source {
    name    = "MNIST"
    licence = "CC BY-SA 3.0"
  }
}

stage "compose" "dominoes" {
  for_each            = sweep.dominoes
  core                = import.cifar[{ of = each.pair }].dataset
  spurious            = each.pair == "vehicles" ? import.digits.dataset : import.cifar[{ of = "beneath" }].dataset
  strength            = each.strength
  validation_strength = 0.5
  samples             = 64 * local.epoch
  validation          = 1000
  test                = 2000
}

stage "train" "erm" {
  for_each  = [compose.dominoes, local.cases]
  data      = each.dataset
  steps     = local.steps[each.network]
  batch     = local.batch
  network   = local.networks[each.network]
  optimizer = local.optimizer
  evaluation {
    every      = local.epoch
    per_decade = 6
  }
  checkpoints { at = [0, local.early[each.pair][each.network], local.steps[each.network]] }
}

stage "figure" "correlations" {
  for_each = local.cases
  table    = train.erm.history
  title    = "${local.called[each.network]}: ${local.pairs[each.pair].says}"
  caption  = "2,000 test images, 500 of each group"
  where    = { step = ">= 1" }
  plot "curves" {
    x       = "step"
    y       = ["core_correlation", "spurious_correlation"]
    facet   = "strength"
    x_scale = "log"
    spread  = "range"
    y_label = "correlation with the network's output"
    names   = merge(local.lambda, { core_correlation = "core", spurious_correlation = "spurious" })
  }
}
