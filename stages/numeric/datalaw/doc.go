// Package datalaw is the law of the data: the distributions D_λ that correlate a core function with a
// spurious one (Law), with their exact group masses, biases and floors, and samplers that are exact
// and never wait for a lucky draw (Compiled). The functions are package boolean's.
//
// An input is x = (x_c, x_s, x_u): the core block, the spurious block, independent coordinates. A
// function reads the first coordinates of its block, as many as its degree; the rest of the block
// is inert. The label is y = f_c(x_c), the attribute s = f_s(x_s); as numbers in {0, 1}, 1 stands
// for +1. Groups are g = 2y + s; the minority is {y != s}, groups 1 and 2. Rows are packed bits, as
// package boolean has them.
//
// Sources: Qiu, Kuang and Goel, "Complexity Matters: Dynamics of Feature Learning in the Presence
// of Spurious Correlations" (ICML 2024), and the data set that its authors published, whose law
// differs from the paper's where the spurious function is biased (see Law.Variant).
package datalaw
