package publish

import (
	"path/filepath"
	"slices"
	"strings"

	"spurion/artifacts/frame"
)

// extensions gives how a file of each format may be called; the first is the usual one.
var extensions = []struct {
	format frame.Format
	names  []string
}{
	{frame.Parquet, []string{".parquet"}},
	{frame.ArrowFile, []string{".arrow", ".feather"}},
	{frame.ArrowStream, []string{".arrows"}},
	{frame.CSV, []string{".csv"}},
	{frame.TSV, []string{".tsv"}},
	{frame.JSON, []string{".json"}},
	{frame.JSONLines, []string{".jsonl", ".ndjson"}},
}

// packed gives what the name of a text file says behind its extension when it is compressed.
var packed = []struct{ compression, name string }{{"gzip", ".gz"}, {"zstd", ".zst"}}

// FormatNames gives the formats to export to.
func FormatNames() []string {
	var names []string
	for _, e := range extensions {
		names = append(names, string(e.format))
	}
	return names
}

// Extensions gives the extensions that choose a format; those of text may have .gz or .zst behind them.
func Extensions() []string {
	var names []string
	for _, e := range extensions {
		names = append(names, e.names...)
	}
	return names
}

// Extension gives how the name of a file ends: .parquet, .csv.gz. It is "" for no format.
func Extension(format frame.Format, compression string) string {
	for _, e := range extensions {
		if e.format == format {
			return e.names[0] + packedName(format, compression)
		}
	}
	return ""
}

func packedName(format frame.Format, compression string) string {
	for _, p := range packed {
		if format.IsText() && p.compression == compression {
			return p.name
		}
	}
	return ""
}

// FormatOf gives the format that a file's name asks for, and the compression if it names one; both are "" if the
// name has an extension that asks for none. A name without an extension is not known either.
func FormatOf(name string) (format frame.Format, compression string) {
	name = strings.ToLower(filepath.Base(name))
	for _, p := range packed {
		if stem, ok := strings.CutSuffix(name, p.name); ok {
			name, compression = stem, p.compression
			break
		}
	}
	for _, e := range extensions {
		if slices.Contains(e.names, filepath.Ext(name)) && (compression == "" || e.format.IsText()) {
			return e.format, compression
		}
	}
	return "", ""
}

// PackedBy gives the compression of text that a name ends with: gzip of x.gz.
func PackedBy(name string) string {
	for _, p := range packed {
		if strings.HasSuffix(strings.ToLower(name), p.name) {
			return p.compression
		}
	}
	return ""
}

// partName gives the name of a file in a partition.
func partName(o *ExportOptions) string { return "part-0" + Extension(o.Format, o.Compression) }

// isPart reports whether a file is one of an earlier export.
func isPart(name string) bool {
	format, compression := FormatOf(name)
	return format != "" && name == "part-0"+Extension(format, compression)
}
