package cluster

// follow takes up what other drivers have sent, and asks whether to lead now. A driver that begins to lead has seen all that
// its predecessor sent.
func (d *Driver) follow() error {
	d.leads = d.o.Lead == nil || d.o.Lead()
	names, err := d.o.Disk.Arrays()
	if err != nil {
		return err
	}
	for _, name := range names {
		if d.known[name] {
			continue
		}
		d.known[name] = true
		if a := d.adopt(name); a != nil {
			d.arrays = append(d.arrays, a)
		}
	}
	return nil
}

// adopt takes up an array that another driver sent; nil if it has nothing that is wanted.
func (d *Driver) adopt(name string) *array {
	a := &array{name: name, doubt: true}
	wanted := false
	for task := 0; ; task++ {
		data, err := d.o.Disk.ReadBatch(name, task)
		if err != nil {
			break
		}
		b := &batch{ids: d.work.Decode(data), journals: map[string]*reading{}}
		for _, id := range b.ids {
			if id >= 0 && (d.state[id] == open || d.state[id] == given) {
				d.give(id, b)
				wanted = true
			}
		}
		a.batches = append(a.batches, b)
	}
	a.left = len(a.batches)
	if !wanted {
		return nil
	}
	return a
}

// tidy removes the arrays that earlier drivers left and whose tasks have all ended, if this driver leads.
func (d *Driver) tidy() {
	if !d.leads {
		return
	}
	names, err := d.o.Disk.Arrays()
	if err != nil {
		return
	}
	for _, name := range names {
		if d.ended(name) {
			d.o.Disk.Forget(name)
		}
	}
}

// ended reports whether each task of an array has written the last line of a journal.
func (d *Driver) ended(name string) bool {
	journals, err := d.o.Disk.Journals(name)
	if err != nil {
		return false
	}
	ended := map[int]bool{}
	for _, j := range journals {
		data, err := d.o.Disk.ReadJournal(name, j, 0)
		if err != nil {
			return false
		}
		notes, _ := ReadNotes(data)
		ended[j.Task] = ended[j.Task] || len(notes) > 0 && notes[len(notes)-1].Type == NoteEnd
	}
	for task := 0; ; task++ {
		if _, err := d.o.Disk.ReadBatch(name, task); err != nil {
			return task > 0
		}
		if !ended[task] {
			return false
		}
	}
}
