// # The language
//
// A spec is HCL: description, variable, locals, sweep, stage and claim blocks, in one file or in all
// .hcl files of a folder, in any order. Its expressions are Terraform's. What follows is what the
// words each, for_each and a reference mean, exactly.
//
// A sweep is the product of its axes, in the order written, the first slowest. An axis is a list of
// text, numbers, truth values or functions (the axis then holds the function's text, such as
// "parity(3)", and each.NAME the function). Numbers are int64 if all of the axis are whole, else
// float64.
//
// for_each takes
//   - a sweep: for_each = sweep.grid
//   - a stage: one instance for each of its instances, with its axes; also some of its instances,
//     as in train.erm[{ strength = 0.9 }]
//   - a list of these: their product, in which rows must agree on the axes that both have (a natural
//     join), so that stages that descend from one sweep match up; inherited axes come first
//   - a list of scalars, which make the axis key, or of objects, whose attributes make the axes, in
//     alphabetical order
//   - a map: its keys make the axis key, in alphabetical order, and each.value is the element; crossed
//     with a list, each.value is the map's element, and of two maps or two lists there is none
//   - condition ? a : b of these, and any expression that gives a list or a map; in an expression a
//     sweep is the list of its points: [for p in sweep.grid : p if p.strength > 0.5]
//
// each.NAME is, in this order, the value of an axis; each.value; in an input, the output NAME of the
// stage in for_each, or else of the stages that it comes from through for_each and inputs, the
// nearest first. The same name as axis and output is an error, and so is a tie.
//
// A reference KIND.NAME.OUTPUT in an input means the instances that agree with the own one on all
// axes that both stages have: exactly one for an input that takes one; for a list all of them, and
// so all instances for a claim or check. KIND.NAME[*].OUTPUT means all regardless. KIND.NAME[{ axis = value
// }].OUTPUT means those with the given values that agree on the other common axes. References can be
// listed, put into an object (for inputs that take one), and chosen by a condition. OUTPUT may be
// left out where a single one fits. claim.NAME.verdict and check.NAME.verdict are references too.
//
// A setting is evaluated before anything runs, once for each combination of the axes that it
// mentions. null is the same as leaving it out. A block can be written as an object. A setting with
// several shapes, such as core = parity(4), is a call of a function that its kind adds. One that names
// columns of an input is checked against what the kinds upstream declare, and the axes.
//
// Numbers are decimals of 512 bits until they become a setting; pow, log, linspace and logspace give
// the same on every machine.
package spec
