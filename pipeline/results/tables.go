package results

import (
	"spurion/artifacts/frame"
	"spurion/pipeline/screen"
)

// Shown lets results be read by those who show them: as they may be seen.
type Shown struct {
	Read    Reader
	Secrets *screen.Secrets // masked, whichever result they got into
}

// table decodes a table.
func (s *Shown) table(digest string) (*frame.Table, error) {
	data, err := s.Read(digest)
	if err != nil {
		return nil, err
	}
	t, err := frame.Decode(data)
	if err == nil && s.Secrets != nil {
		t.Rewrite(s.Secrets.Hide, s.Secrets.HideNumber)
	}
	return t, err
}

// image gives the bytes of an image, of which one in SVG may hold any text.
func (s *Shown) image(digest, extension string) ([]byte, error) {
	data, err := s.Read(digest)
	if s.Secrets != nil && extension == ".svg" {
		data = []byte(s.Secrets.Hide(string(data)))
	}
	return data, err
}

// tables decodes tables by their digests and remembers them: equal ones, and those that are asked for again, are
// read once.
type tables struct {
	shown Shown
	known map[string]frame.Span
	stack frame.Stack
}

// rememberBytes is how many bytes of decoded tables are remembered; those beyond are read each time.
const rememberBytes = 32 << 20

func newTables(shown Shown) *tables { return &tables{shown: shown, known: map[string]frame.Span{}} }

// table gives the table without its metadata. It is to be read only.
func (s *tables) table(digest string) (*frame.Table, error) {
	if rows, ok := s.known[digest]; ok {
		return rows.Table(), nil
	}
	t, err := s.shown.table(digest)
	if err != nil {
		return nil, err
	}
	if s.stack.Bytes()+t.Bytes() <= rememberBytes {
		s.known[digest] = s.stack.Add(t, nil)
	}
	return t, nil
}
