package engine

import (
	"time"

	"spurion/pipeline/program"
)

// A Status is how an instance ended.
type Status string

// The ends of an instance. Skipped ones wait for a failed one; canceled ones were stopped, or not
// begun, because the run was.
const (
	Cached   Status = "cached"
	Computed Status = "computed"
	Failed   Status = "failed"
	Skipped  Status = "skipped"
	Canceled Status = "canceled"
)

// An Outcome is how one selected instance ended.
type Outcome struct {
	Status  Status
	Err     error         // if Failed, Skipped or Canceled
	Elapsed time.Duration // of its own work, without waiting for the store, its disk and others; zero if it did none
	// Used is what the programs that it ran took of the machine; zero if it ran none. Kinds that run within this process share it, and
	// nobody knows which of them has which part.
	Used program.Usage
	// Note says where the run departed from the plan, and why; usually empty.
	Note string
	// Continued says which earlier run's work it rests on, and how; usually empty.
	Continued string
}

// An EventType says what happened to an instance.
type EventType string

// The events. Started: it is not in the store, and its computation begins; the node's Reason says why.
// Waiting: another process computes the same instance, and the run goes on with others meanwhile; it comes once. Finished comes for every instance that the
// plan did not find cached, Started or not. Queued is about no instance, but about batches that wait for other machines.
const (
	Started  EventType = "started"
	Progress EventType = "progress"
	Waiting  EventType = "waiting"
	Finished EventType = "finished"
	Queued   EventType = "queued"
)

// An Event is something that happened to the instance Node of the plan.
type Event struct {
	Type        EventType
	Node        int
	Worker      int
	Host        string  // of Started: which other machine computes it; usually empty
	Done, Total int64   // of Progress; of Queued: how many batches wait (Total)
	Owner       string  // of Waiting: who holds the lock; of Queued: why they wait
	Outcome     Outcome // of Finished
}
