package frame

import (
	"errors"

	"github.com/apache/arrow/go/v17/parquet"

	"spurion/artifacts/frame/pages"
)

// errManyTexts says that more texts differ than a byte tells apart.
var errManyTexts = errors.New("many texts differ")

// readTexts appends a row group's texts: as codes as long as few differ in what was read of the file, else one a row.
func (f *parquetFile) readTexts(l leaf, chunk pages.Chunk, c *Column) error {
	t := &c.Strings
	if t.Len() == 0 || t.coded() {
		rows, held := t.Len(), f.budget.held
		err := readInto(f, c, l, chunk, t.readCodes(l.field.Nullable), &t.codes)
		if !errors.Is(err, errManyTexts) {
			return err
		}
		f.budget.held = held
		if err := f.budget.hold(f.rows * 16); err != nil {
			return err
		}
		t.codes = t.codes[:rows]
		if c.Valid != nil {
			c.Valid = c.Valid[:rows]
		}
		t.plain(int(f.rows) - rows)
	}
	return readInto(f, c, l, chunk, readStrings, &t.values)
}

// readCodes reads texts as codes; the error is errManyTexts if a byte cannot tell them apart. Each entry of a dictionary is looked up once.
func (t *Texts) readCodes(nullable bool) opener[uint8] {
	if t.Len() == 0 {
		t.values, t.codes = nil, []uint8{}
		if nullable {
			t.values = []string{""} // what stands in the place of a null, which has the code 0
		}
	}
	return func(c pages.Chunk, s storage) (levelReader[uint8], error) {
		seen := map[string]uint8{}
		return textReader(c, s, func(v []byte) (uint8, error) {
			code, ok := seen[string(v)]
			if !ok {
				if err := c.Hold(int64(len(v))); err != nil {
					return 0, err
				}
				text := string(v)
				if code, ok = t.code(text); !ok {
					return 0, errManyTexts
				}
				seen[text] = code
			}
			return code, c.Spend(int64(len(v)))
		})
	}
}

// readStrings reads text. Each dictionary entry becomes a string once; of other text, neighbours that are
// equal share one.
func readStrings(c pages.Chunk, s storage) (levelReader[string], error) {
	seen := map[string]string{}
	return textReader(c, s, func(v []byte) (string, error) {
		text, ok := seen[string(v)]
		if !ok {
			if err := c.Hold(int64(len(v))); err != nil {
				return "", err
			}
			text = string(v)
			if len(seen) < 1<<12 {
				seen[text] = text
			}
		}
		return text, c.Spend(int64(len(v)))
	})
}

// textReader reads texts that become T.
func textReader[T any](c pages.Chunk, s storage, convert func([]byte) (T, error)) (levelReader[T], error) {
	switch {
	case s.physical == parquet.Types.ByteArray:
		return pages.NewReader(c, pages.Bytes, each(convert)), nil
	case s.physical == parquet.Types.FixedLenByteArray && s.width > 0:
		return pages.NewReader(c, pages.Fixed(s.width), each(convert)), nil
	}
	return nil, s.mismatch()
}
