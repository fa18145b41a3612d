package artifacts

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
)

// The store's own records are lines of "name value", in a fixed order, so that reading needs no
// reflection and a record has one encoding only: what parses re-encodes to the same bytes. A value
// ends at the end of its line, or at a tab where a line holds several.

var errMalformed = errors.New("malformed record")

// appendEscaped writes s so that it holds no tab and no newline.
func appendEscaped(b []byte, s string) []byte {
	if strings.IndexByte(s, '\\') < 0 && strings.IndexByte(s, '\n') < 0 && strings.IndexByte(s, '\t') < 0 {
		return append(b, s...)
	}
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			b = append(b, '\\', '\\')
		case '\n':
			b = append(b, '\\', 'n')
		case '\t':
			b = append(b, '\\', 't')
		default:
			b = append(b, s[i])
		}
	}
	return b
}

// unescape undoes appendEscaped, and refuses what it cannot have written.
func unescape(s string) (string, bool) {
	if strings.IndexByte(s, '\\') < 0 {
		return s, strings.IndexByte(s, '\t') < 0
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '\t' {
			return "", false
		}
		if c == '\\' {
			i++
			if i == len(s) {
				return "", false
			}
			switch s[i] {
			case '\\':
				c = '\\'
			case 'n':
				c = '\n'
			case 't':
				c = '\t'
			default:
				return "", false
			}
		}
		b = append(b, c)
	}
	return string(b), true
}

func appendText(b []byte, name, value string) []byte {
	b = append(append(b, name...), ' ')
	return append(appendEscaped(b, value), '\n')
}

func appendInt(b []byte, name string, value int64) []byte {
	b = append(append(b, name...), ' ')
	return append(strconv.AppendInt(b, value, 10), '\n')
}

func appendTime(b []byte, name string, value time.Time) []byte {
	b = append(append(b, name...), ' ')
	return append(value.UTC().AppendFormat(b, time.RFC3339Nano), '\n')
}

func appendSeconds(b []byte, value float64) []byte {
	return strconv.AppendFloat(b, value, 'g', -1, 64)
}

// storable reports whether t can be written: RFC 3339 has four digits for the year.
func storable(t time.Time) bool {
	year := t.UTC().Year()
	return 0 <= year && year <= 9999
}

// finite reports whether x is neither NaN nor infinite.
func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// A scanner reads a record. After the first line that is not as it should be it gives zero values
// only, and bad stays set.
type scanner struct {
	rest string
	bad  bool
}

// value gives the raw value of the next line, which must have the name.
func (c *scanner) value(name string) string {
	end := strings.IndexByte(c.rest, '\n')
	if c.bad || end < 0 {
		c.bad = true
		return ""
	}
	line := c.rest[:end]
	if len(line) <= len(name) || line[len(name)] != ' ' || line[:len(name)] != name {
		c.bad = true
		return ""
	}
	c.rest = c.rest[end+1:]
	return line[len(name)+1:]
}

func (c *scanner) text(name string) string { return c.unescaped(c.value(name)) }

func (c *scanner) unescaped(raw string) string {
	s, ok := unescape(raw)
	if !ok {
		c.bad = true
	}
	return s
}

func (c *scanner) digest(name string) (d Digest) {
	if !parseDigest(&d, c.value(name)) {
		c.bad = true
	}
	return d
}

// count reads a number that is not negative.
func (c *scanner) count(name string) int64 { return c.number(c.value(name)) }

func (c *scanner) number(raw string) int64 {
	n, ok := parseNumber(raw)
	if !ok {
		c.bad = true
	}
	return n
}

func (c *scanner) time(name string) time.Time {
	raw := c.value(name)
	t, err := time.Parse(time.RFC3339Nano, raw)
	var b [len(time.RFC3339Nano) + 8]byte
	if err != nil || string(t.UTC().AppendFormat(b[:0], time.RFC3339Nano)) != raw {
		c.bad = true
		return time.Time{}
	}
	return t.UTC()
}

func (c *scanner) seconds(raw string) float64 {
	x, err := strconv.ParseFloat(raw, 64)
	var b [32]byte
	if err != nil || !finite(x) || string(appendSeconds(b[:0], x)) != raw {
		c.bad = true
		return 0
	}
	return x
}

// parseNumber reads a number as strconv.AppendInt writes one that is not negative.
func parseNumber(s string) (int64, bool) {
	if len(s) == 0 || len(s) > 19 || s[0] == '0' && len(s) > 1 {
		return 0, false
	}
	var n uint64 // 19 digits cannot overflow it
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = 10*n + uint64(s[i]-'0')
	}
	return int64(n), n <= math.MaxInt64
}

// cut splits raw at the first sep; if there is none, the record is bad.
func (c *scanner) cut(raw string, sep byte) (before, after string) {
	i := strings.IndexByte(raw, sep)
	if i < 0 {
		c.bad = true
		return "", ""
	}
	return raw[:i], raw[i+1:]
}
