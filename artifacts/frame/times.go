package frame

import (
	"fmt"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
)

const (
	daySeconds = 24 * 60 * 60
	dayNanos   = daySeconds * 1_000_000_000
	// maxDays is what a date can be: Parquet and Arrow hold it in 32 bits.
	maxDays = 1<<31 - 1
)

// appendTime appends a timestamp, date or time of day as ISO 8601 has it, with all digits of its unit, so
// that a column's texts look alike and sort as their values do from the year 0 to 9999.
func appendTime(to []byte, t Type, v int64) []byte {
	switch t {
	case Timestamp:
		return arrow.Timestamp(v).ToTime(arrow.Microsecond).AppendFormat(to, "2006-01-02T15:04:05.000000")
	case TimestampUTC:
		return arrow.Timestamp(v).ToTime(arrow.Microsecond).AppendFormat(to, "2006-01-02T15:04:05.000000Z")
	case TimestampNano:
		return arrow.Timestamp(v).ToTime(arrow.Nanosecond).AppendFormat(to, "2006-01-02T15:04:05.000000000")
	case TimestampNanoUTC:
		return arrow.Timestamp(v).ToTime(arrow.Nanosecond).AppendFormat(to, "2006-01-02T15:04:05.000000000Z")
	case Date:
		return arrow.Timestamp(v*daySeconds).ToTime(arrow.Second).AppendFormat(to, "2006-01-02")
	}
	return arrow.Timestamp(v).ToTime(arrow.Nanosecond).AppendFormat(to, "15:04:05.000000000")
}

// ParseTime reads a value of the type t, which IsTime, as people write it: 2024-01-02, 2024-01-02 03:04:05.5,
// 2024-01-02T03:04:05Z, 03:04:05. A timestamp on an unknown clock has no zone; one in UTC may have any, and
// without one is UTC.
func ParseTime(t Type, text string) (int64, error) {
	unit := arrow.Microsecond
	example := "2024-01-02 or 2024-01-02T03:04:05"
	switch t {
	case Date:
		unit, example = arrow.Second, "2024-01-02"
	case TimestampNano, TimestampNanoUTC:
		unit = arrow.Nanosecond
	case TimeOfDay:
		if v, err := arrow.Time64FromString(text, arrow.Nanosecond); err == nil {
			return int64(v), nil
		}
		return 0, fmt.Errorf("%q is no %v; write it like 03:04:05", text, t)
	}
	v, err := arrow.TimestampFromString(text, unit)
	zoned := len(text) > 10 && strings.ContainsAny(text[10:], "Z+-")
	tooFar := unit == arrow.Nanosecond && (text < "1678" || text >= "2262") // an int64 has no room
	if err != nil || zoned && (t == Timestamp || t == TimestampNano) || t == Date && len(text) != len("2024-01-02") || tooFar {
		return 0, fmt.Errorf("%q is no %v; write it like %s", text, t, example)
	}
	if t == Date {
		return int64(v) / daySeconds, nil // a whole number of days
	}
	return int64(v), nil
}
