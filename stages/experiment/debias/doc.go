// Package debias is the kind "debias": methods against spurious correlations, compared alike.
//
// Who adds a method writes one file, and reads three:
//
//   - method.go: what a Method is, and the list of all;
//   - trial.go: what a method has to work with, a Trial: data, budget, notes;
//   - stage.go: the Stages that it trains.
//
// A method is in the file of its name, with its settings in settings.go: erm.go, cvar.go, groupdro.go and so on;
// reference.go has the two reference rows. Several use
//
//   - division.go: cells of samples that shall count alike, and batches and weights by them;
//   - firststage.go: a first network, of which groups are inferred;
//   - partition.go and inference.go: what is inferred, as cells and as a minority, and how good that is;
//
// and three have a part in a file of its own: contrast.go (cnc), averages.go (lff), predictor.go (ssa).
//
// The rest is the frame: debias.go runs a method, record.go measures networks, selection.go selects from them, and
// summary.go writes the rows. Tests of every method, which a new one is under at once, are in survival_test.go and
// fairness_test.go.
package debias
