// Package cluster has the instances of a run computed elsewhere: by the tasks of job arrays on a cluster, each of which works
// through a batch of instances.
//
// A Driver decides, and does nothing else: which instances go into which batch (form.go), what became of them (observe.go), and
// what is tried again (again.go). It knows instances as numbers, a cluster as an Executor, and the disk that both see as a
// Disk, so that the same code runs a lab's Slurm and, in tests, a made-up cluster whose time is a number.
//
// A result is in the store or it is not: that is the only truth. Journals, which the tasks write, say where to look; what
// the cluster says of a task is asked for only when its journal is silent. So an answer that was lost, a task that ran twice and a
// job's number that was given twice cost time, and nothing else.
package cluster
