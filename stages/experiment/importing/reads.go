package importing

import (
	"fmt"
	"path"
	"strconv"
	"strings"

	"spurion/stages"
	"spurion/stages/common/arrayfile"
	"spurion/stages/common/dataset"
)

// reads gives the stage that imports a file as a data set.
func reads(outputType, name string) (stage, output string) {
	if outputType != dataset.Type || !strings.Contains(path.Base(name), ".") && !strings.Contains(name, "/") {
		return "", "" // no file's name
	}
	file := strconv.Quote(name)
	if root, rel, ok := stages.CutExternal(name); ok {
		file = fmt.Sprintf("external(%q)", root+"/"+rel)
	}
	id := identifier(name)
	lines := []string{"  files = [" + file + "]"}
	format := formatNamed(name)
	switch {
	case unreadable[strings.ToLower(path.Ext(name))] != "":
		laidOut := stages.LaidOut(name)
		return through(file, fmt.Sprintf(unreadable[strings.ToLower(path.Ext(name))], laidOut)) + "\n\n" +
			stageText(id, []string{"  from = [exec.convert.data]", `  inputs { array = "x" }`, `  label { array = "y" }`}), "import." + id + ".dataset"
	case format == csvFormat || format == tsvFormat:
		lines = append(lines, `  inputs { columns = ["x*"] }`, `  label { column = "y" }`, `  attribute "place" { column = "place" }`, `  split { column = "split" }`)
	case isColumns(format):
		lines = append(lines, `  inputs { columns = ["embedding"] } # lists, or several such as "x*"`, `  label { column = "y" }`, `  attribute "place" { column = "place" }`, `  split { column = "split" }`)
	case format == string(arrayfile.NPZ) || format == string(arrayfile.Safetensors):
		lines = append(lines, `  inputs { array = "x" }`, `  label { array = "y" }`, `  attribute "place" { array = "place" }`, `  split { array = "split" }`)
	case format == string(arrayfile.NPY):
		lines = []string{"  files = [" + file + `, "metadata.csv"]`, `  label { column = "y" }`, `  attribute "place" { column = "place" }`, `  split { column = "split" }`}
	case format == string(arrayfile.IDX):
		lines = []string{"  files = [" + folderFile(file) + "] # the files of MNIST name their split", "  label { keep = { 7 = 0, 9 = 1 } }"}
	case format == picturesFormat:
		lines = []string{"  files  = [" + folderFile(file) + "]", "  resize = [32, 32]", "  split { fractions = { train = 0.8, test = 0.2 } }"}
	}
	return stageText(id, lines), "import." + id + ".dataset"
}

// folderFile gives the folder of a file as a spec has it.
func folderFile(file string) string {
	at := strings.LastIndexByte(file, '/')
	if at < 0 {
		return file
	}
	if strings.HasPrefix(file, "external(") {
		return file[:at] + `")`
	}
	return file[:at] + `"`
}

func stageText(id string, lines []string) string {
	return fmt.Sprintf("stage \"import\" %q {\n%s\n}", id, strings.Join(lines, "\n"))
}

// identifier makes a stage's name of a file's.
func identifier(name string) string {
	base := path.Base(stages.LaidOut(name))
	base, _, _ = strings.Cut(strings.ToLower(base), ".")
	id := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, base)
	if id == "" || id[0] < 'a' || id[0] > 'z' {
		id = "data_" + id
	}
	return strings.Trim(id, "_")
}
