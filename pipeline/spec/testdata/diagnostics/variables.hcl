variable "unset" {}

variable "typed" {
  type    = number
  default = "many"
}

variable "badtype" {
  type = nubmer
}

variable "refers" {
  default = var.typed
}

variable "checked" {
  type    = number
  default = 3
  validation {
    condition     = var.checked > 5
    error_message = "It must be above 5."
  }
  validation {
    condition = true
  }
  validation {
    condition     = var.checked
    error_message = "Not a truth value."
  }
  typ = 1
  validate {}
}

variable "needs_default" {
  default = nothing(3)
}

locals {
  x = var.chekced
  y = var
  z = var.unset
  w = format("%d", "x")
  v = {a = 1}.b
  u = [for i in range(10) : i / 0]
  t = "${local.x}"
  s = length(3)
  r = 1e308 * 10
}
