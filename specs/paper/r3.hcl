# R3. The paper: with parities, the core is learned in a phase of its own after the spurious feature; with staircases
# the two phases overlap.
#
# Settings (ours): the runs of R1a at λ = .9 (none of them is trained again), par4_2 against st5_3. The width of the core's
# phase is (T95 - T10) / T95: small if the core comes late and at once.
# Claims: below .6 for every seed with the parity, above .6 for every seed with the staircase.
# (Not tested yet: the share of time with a spurious correlation of at least .9 and a core correlation of at most .1.)

claim "r3_par4_2_min" {
  says    = "The core is learned in a short phase of its own, (T95 - T10) / T95 < .6, for every seed: a parity of 4 beside 2, MIN."
  source  = "R3; Qiu, Kuang and Goel 2024"
  setting = "ours"
  test "always" {
    table   = train.min.summary
    y       = "core_phase_width"
    is      = "below"
    value   = 0.6
    where   = { task = "par4_2", strength = "0.9" }
    missing = "fail"
  }
}

claim "r3_st5_3_min" {
  says    = "The phases overlap, (T95 - T10) / T95 > .6, for every seed: a staircase of 5 beside 3, MIN."
  source  = "R3; Qiu, Kuang and Goel 2024"
  setting = "ours"
  test "always" {
    table   = train.min.summary
    y       = "core_phase_width"
    is      = "above"
    value   = 0.6
    where   = { task = "st5_3", strength = "0.9" }
    missing = "fail"
  }
}

claim "r3_par4_2_std" {
  says    = "The core is learned in a short phase of its own, (T95 - T10) / T95 < .6, for every seed: a parity of 4 beside 2, STD."
  source  = "R3; Qiu, Kuang and Goel 2024"
  setting = "ours"
  test "always" {
    table   = train.std.summary
    y       = "core_phase_width"
    is      = "below"
    value   = 0.6
    where   = { task = "par4_2", strength = "0.9" }
    missing = "fail"
  }
}

claim "r3_st5_3_std" {
  says    = "The phases overlap, (T95 - T10) / T95 > .6, for every seed: a staircase of 5 beside 3, STD."
  source  = "R3; Qiu, Kuang and Goel 2024"
  setting = "ours"
  test "always" {
    table   = train.std.summary
    y       = "core_phase_width"
    is      = "above"
    value   = 0.6
    where   = { task = "st5_3", strength = "0.9" }
    missing = "fail"
  }
}

