package results

import "spurion/artifacts/frame"

// tables decodes tables by their digests and remembers them: equal ones, and those that are asked for again, are
// read once.
type tables struct {
	read  Reader
	known map[string]frame.Span
	stack frame.Stack
}

// rememberBytes is how many bytes of decoded tables are remembered; those beyond are read each time.
const rememberBytes = 32 << 20

func newTables(read Reader) *tables { return &tables{read: read, known: map[string]frame.Span{}} }

// table gives the table without its metadata. It is to be read only.
func (s *tables) table(digest string) (*frame.Table, error) {
	if rows, ok := s.known[digest]; ok {
		return rows.Table(), nil
	}
	data, err := s.read(digest)
	if err != nil {
		return nil, err
	}
	t, err := frame.Decode(data)
	if err != nil {
		return nil, err
	}
	if s.stack.Bytes()+t.Bytes() <= rememberBytes {
		s.known[digest] = s.stack.Add(t, nil)
	}
	return t, nil
}
