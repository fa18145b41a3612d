package stages

// A Continuation says that a run of a kind can go on where an earlier one ended, if the two differ in nothing but how far
// they go and what is looked at on the way: then they are of one thread. What a run leaves for that is an aid. It is in
// no key; a run whose aid is missing or damaged computes everything itself, and its outputs are the same, byte by byte.
type Continuation struct {
	// Thread gives the paths of settings that may differ within a thread, each with all that lies below it; and lines of
	// what the thread depends on besides its other settings, such as a number that follows from those left out.
	Thread func(settings any) (free, lines []string)
	// Way says how a run with the settings would use what an earlier one said About itself; ok is false if it cannot.
	// It decides alike for a plan and for a run. It must bear any bytes.
	Way func(settings any, about []byte) (w Way, ok bool)
}

// A Way is how a run goes on.
type Way struct {
	From int64  // how far the earlier run's work serves, such as in steps: of several ways, the furthest is taken
	Text string // for people, to end "the run ...": "trains on from step 20000"
}

// A Leaving is what a run leaves for others of its thread. One that is stopped by its context may leave something, too,
// and then has no Outputs.
type Leaving struct {
	About []byte // small: it is read whenever a plan has such a run
	// Files are further bytes, by name. Outputs names outputs of the run that are needed, too; they take no room twice.
	Files   map[string][]byte
	Outputs []string
}

// A Left is what an earlier run of the thread left.
type Left struct {
	About []byte
	// Read gives one of Files or Outputs, verified.
	Read func(name string) ([]byte, error)
	// Used is called once by a run whose outputs will rest on it.
	Used func()
}
