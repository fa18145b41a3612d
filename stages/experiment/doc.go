// Package experiment is a wing: what an experiment does. A folder is a kind of stage, named as in
// specs: data are generated, networks trained, probed, retrained, debiased and scored. It holds no code.
//
// A kind here knows the contract (package stages), tables (artifacts/frame), common and numeric; no
// other kind, no pipeline and no machine.
package experiment
