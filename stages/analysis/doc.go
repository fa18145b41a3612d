// Package analysis is a wing: what sums an experiment up. A folder is a kind of stage, named as in
// specs, or the tests behind claims: tables are united, aggregated, joined, compared, drawn and
// judged. It holds no code.
//
// A kind here knows the contract (package stages), tables (artifacts/frame), common and numeric; no
// other kind, no pipeline and no machine.
package analysis
