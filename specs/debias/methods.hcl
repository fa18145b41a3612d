# The methods and their search. Point 0 of a search has the published defaults, or the nearest to them that make sense
# here; the others were drawn by hand from published ranges. Every method is searched at the same points of rate and
# weight decay, so that one without settings of its own is tuned as much as the others.

locals {
  optimizers = [
    { type = "sgd", rate = 0.1 },
    { type = "sgd", rate = 0.3 },
    { type = "sgd", rate = 0.1, weight_decay = 0.001 },
    { type = "sgd", rate = 0.3, weight_decay = 0.001 },
  ]
  points = range(length(local.optimizers))

  methods = {
    # References. They are rows to read the others by: no network is trained for the last two.
    clean    = [for p in local.points : { name = "erm" }]
    constant = [{ name = "constant" }]
    spurious = [{ name = "spurious" }]

    # Labels alone.
    erm           = [for p in local.points : { name = "erm" }]
    class_balance = [for p in local.points : { name = "class_balance" }]
    cvar_dro      = [for a in [0.1, 0.5, 0.2, 0.8] : { name = "cvar_dro", alpha = a }]
    mixup         = [for a in [0.2, 1, 0.4, 0.1] : { name = "mixup", concentration = a }]

    # Groups of the training set.
    group_balance            = [for p in local.points : { name = "group_balance" }]
    group_balance_upsampling = [for p in local.points : { name = "group_balance", by = "upsampling" }]
    group_balance_weights    = [for p in local.points : { name = "group_balance", by = "weights" }]
    subg                     = [for p in local.points : { name = "subg" }]
    group_dro                = [for eta in [0.01, 0.1, 0.03, 0.003] : { name = "group_dro", rate = eta }]
    group_dro_natural        = [for eta in [0.01, 0.1, 0.03, 0.003] : { name = "group_dro", rate = eta, batches = "natural" }]
    group_dro_adjusted       = [for c in [1, 2, 4, 8] : { name = "group_dro", size_adjustment = c }]
    irm                      = [for w in [100, 10, 1000, 1] : { name = "irm", penalty = w, rescale = true }]
    lisa                     = [for p in [0.5, 1, 0.8, 0.2] : { name = "lisa", within_label = p }]
    lisa_linear              = [for p in [0.5, 1, 0.8, 0.2] : { name = "lisa", within_label = p, mix = "linear" }]
    pde = [
      { name = "pde" }, # 10 samples every 10 epochs: it hardly grows in 20 epochs
      { name = "pde", warmup_epochs = 15, expand_epochs = 1, expand_size = 1000 },
      { name = "pde", warmup_epochs = 30, expand_epochs = 1, expand_size = 500 },
      { name = "pde", warmup_epochs = 10, expand_epochs = 1, expand_size = 5000 },
    ]

    # Groups of the validation set, to train on.
    ssa = [
      { name = "ssa" },
      { name = "ssa", split_steps = 1000 },
      { name = "ssa", split_steps = 1000, confidence = 0.9 },
      { name = "ssa", split_steps = 2000 },
    ]

    # Groups inferred from a network's errors, losses, outputs or features.
    jtt = [
      { name = "jtt", first_epochs = 1, upweight = 20 },
      { name = "jtt", first_epochs = 1, upweight = 5 },
      { name = "jtt", first_epochs = 2, upweight = 10 },
      { name = "jtt", first_epochs = 5, upweight = 50 },
    ]
    jtt_weights = [
      { name = "jtt", first_epochs = 1, upweight = 20, upweight_by = "normalised_weights" },
      { name = "jtt", first_epochs = 1, upweight = 5, upweight_by = "normalised_weights" },
      { name = "jtt", first_epochs = 2, upweight = 10, upweight_by = "normalised_weights" },
      { name = "jtt", first_epochs = 5, upweight = 50, upweight_by = "normalised_weights" },
    ]
    lff  = [for q in [0.7, 0.9, 0.5, 0.3] : { name = "lff", exponent = q }]
    eiil = [for t in [1, 2, 3, 5] : { name = "eiil", first_epochs = t }]
    eiil_adam = [
      for t in [1, 2, 3, 5] : { name = "eiil", first_epochs = t, inference = "adam", inference_rate = 0.01, inference_steps = 1000 }
    ]
    spare = [
      { name = "spare", first_epochs = 1 },
      { name = "spare", first_epochs = 1, clusters = 2 },
      { name = "spare", first_epochs = 2, power = 3 },
      { name = "spare", first_epochs = 3, clusters = 4 },
    ]
    george = [
      { name = "george", first_epochs = 1, reduction = "hardness" },
      { name = "george", first_epochs = 1 },
      { name = "george", first_epochs = 2, clusters = 2 },
      { name = "george", first_epochs = 3, size_adjustment = 2 },
    ]
    cnc = [
      { name = "cnc", first_epochs = 1 },
      { name = "cnc", first_epochs = 1, contrastive_weight = 0.5 },
      { name = "cnc", first_epochs = 2, temperature = 0.05 },
      { name = "cnc", first_epochs = 3, contrastive_weight = 0.9 },
    ]
  }

  # Last-layer methods, on ERM at the same point of the search.
  heads = {
    erm_dfr  = [for p in local.points : { name = "dfr" }]
    erm_afr  = [for g in [10, 4, 2, 1] : { name = "afr", gamma = g }]
    erm_self = [for n in [100, 20, 500, 200] : { name = "self", points = n }]
  }

  # What methods go by. Each belongs to one family, which is an axis, so that claims can be about all of its methods.
  families = {
    reference  = ["clean", "constant", "spurious"]
    labels     = ["erm", "class_balance", "cvar_dro", "mixup"]
    groups     = ["group_balance", "group_balance_upsampling", "group_balance_weights", "subg", "group_dro", "group_dro_natural", "group_dro_adjusted", "lisa", "lisa_linear", "pde"]
    attribute  = ["irm"]
    validation = ["ssa"]
    inferred   = ["jtt", "jtt_weights", "lff", "eiil", "eiil_adam", "spare", "george", "cnc"]
  }
  head_families = { erm_dfr = "validation", erm_afr = "labels", erm_self = "labels" }

  search = flatten([
    for f, list in local.families : [
      for a in list : [for p in range(length(local.methods[a])) : { family = f, algorithm = a, point = p }]
    ]
  ])
}

# An axis cannot be called method, which is a column of the summary: algorithm tells variants apart, too.
stage "debias" "methods" {
  for_each = [sweep.data, local.networks, local.search]
  data     = generate.data[{ correlation = each.algorithm == "clean" ? "clean" : "confounded" }].dataset
  method   = local.methods[each.algorithm][each.point]
  steps    = local.epochs[each.task] * local.epoch
  batch    = local.batch
  network { hidden = [for layer in range(each.depth) : local.width] }
  optimizer = local.optimizers[each.point]
  evaluation { every = local.epoch }
}

# The network that SELF compares with: the same training, ended after an epoch.
stage "debias" "early" {
  for_each = [sweep.data, local.networks, [for p in local.points : { point = p }]]
  data     = generate.data[{ correlation = "confounded" }].dataset
  method "erm" {}
  steps = local.epoch
  batch = local.batch
  network { hidden = [for layer in range(each.depth) : local.width] }
  optimizer = local.optimizers[each.point]
}

stage "head" "heads" {
  for_each = [sweep.data, local.networks, flatten([for h, f in local.head_families : [for p in local.points : { family = f, algorithm = h, point = p }]])]
  model    = debias.methods[{ family = "labels", algorithm = "erm" }].model
  base     = debias.methods[{ family = "labels", algorithm = "erm" }].summary
  data     = generate.data[{ correlation = "confounded" }].dataset
  early    = debias.early.model
  head     = local.heads[each.algorithm][each.point]
}
