package site

import "spurion/pipeline/cluster"

// Cluster gives the executor as the driver uses it, with what its tasks run.
func (x *Executor) Cluster(script cluster.Script) cluster.Executor {
	return &cluster.Slurm{Account: x.Account, Partition: x.Partition, Options: x.Options, Script: script}
}
