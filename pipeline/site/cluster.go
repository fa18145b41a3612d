package site

import (
	"cmp"
	"time"

	"spurion/pipeline/cluster"
)

// quiet is how long a task of a launcher that cannot be asked may be silent.
const quiet = 2 * time.Minute

// Cluster gives the executor as the driver uses it, with what its tasks run and the folder in which its arrays lie.
func (x *Executor) Cluster(script cluster.Script, folder cluster.Folder) cluster.Executor {
	if x.Type == Slurm {
		return &cluster.Slurm{Account: x.Account, Partition: x.Partition, Options: x.Options, Script: script}
	}
	times, _ := x.Times() // which Parse has checked
	return &cluster.Launcher{
		SubmitBy: cluster.Template(x.Submit), AskBy: cluster.Template(x.Status), CancelBy: cluster.Template(x.Cancel), States: x.States,
		Index: x.Index, First: x.First, Size: x.Size, Script: script, Folder: folder, Lost: cmp.Or(times.Lost, quiet), Where: x.From,
	}
}
