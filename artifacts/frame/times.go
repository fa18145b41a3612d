package frame

import "github.com/apache/arrow/go/v17/arrow"

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
