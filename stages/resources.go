package stages

import "time"

// Resources are what an instance needs of the machine that it runs on, as the block resources of its stage says. They say where and beside
// what it may run, are in no key, and change no result.
type Resources struct {
	CPUs   int           // processors; 0 stands for 1
	Memory int64         // bytes; 0 if nothing is said
	Time   time.Duration // by the clock; 0 if nothing is said
	GPUs   int
}
