package spec

import (
	"maps"
	"path/filepath"
	"sort"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"spurion/stages"
)

// Options say how a spec is loaded.
type Options struct {
	Kinds *stages.Registry
	// Vars are name=value settings of --var, in order; VarFiles the paths of --var-file, in order;
	// Environ the environment (SPURION_VAR_name=value is read). Later sources win: environment,
	// then files, then vars.
	Vars     []string
	VarFiles []string
	Environ  []string
	// Root is the project; "" stands for the working directory.
	Root string
	// DataRoots are folders outside of the project, by the names that specs have for them.
	DataRoots map[string]string
	// Lenient says what may be wrong with them.
	Lenient Leniency
	// Hide are folders of the project that patterns of files pass over, such as what runs leave; clean paths.
	Hide []string
	// MaxInstances refuses larger graphs before they are expanded; 0 stands for DefaultMaxInstances.
	MaxInstances int

	maxElements int // of a list; 0 stands for maxElements: tests set it lower
}

// DefaultMaxInstances is the largest graph that is expanded unless asked for.
const DefaultMaxInstances = 200_000

// A loader is the state of one Load.
type loader struct {
	o            Options
	root         string
	maxInstances int
	elements     int // the longest list that a function makes

	sources  map[string]*source
	files    []*source // of the spec, sorted
	diags    Diagnostics
	reported map[problemKey]bool
	unkept   int // diagnostics beyond maxKept
	failed   bool
	// incomplete says that a file did not parse: a name that is missing may stand there.
	incomplete bool

	functions map[string]function.Function
	calls     []string          // names of the functions that kinds add
	instead   map[string]string // by name of a function that is looked for in vain, what to write
	budget    budget
	// budgetValue is the budget as contexts of evaluation have it.
	budgetValue cty.Value

	description     string
	descriptionAttr *hclsyntax.Attribute
	variables       map[string]*variable
	varOrder        []*variable
	sensitive       bool // some variable is
	varObject       cty.Value
	locals          map[string]*symbol
	sweeps          map[string]*symbol
	chain           []*symbol // being evaluated

	stages    map[string]map[string]*stage // by kind (or role) and name
	order     []*stage                     // in file order, claims and checks last
	instances int                          // expanded so far

	others map[instanceOutput]columnSet // columns besides declared ones, as they are asked for
	byName map[namedColumns]stages.Others
	// declared are the values of columns that kinds tell of.
	declared map[namedColumns]map[string][]string
	makers   map[*Stage]*structMaker
	held     map[instanceColumn]valueSet // of tables of tables

	checkedFiles map[string]checkedFile
	filesets     map[string]fileset
	unread       []Unread
	looked       int // at how many files and folders, for filesets
}

// Load reads the spec at path, one .hcl file or a folder of them, and expands it. All mistakes are
// reported at once, in file order; the Spec is nil if any of them is an error. The result depends
// on the text, the Options and the files that the text names, never on the machine.
func Load(path string, o Options) (*Spec, Diagnostics) {
	l := newLoader(o)
	files, name, err := listFiles(path)
	if err != nil {
		l.report(&problem{Err: ErrRead, Summary: "Spec cannot be read", Detail: readProblem(err)})
		return nil, l.diags
	}
	for _, file := range files {
		data, err := readFile(filepath.FromSlash(file))
		if err != nil {
			l.incomplete = true
			l.report(&problem{Err: ErrRead, Summary: "Source file cannot be read", Detail: readProblem(err)})
			continue
		}
		s := newSource(file, data)
		l.parse(s)
		l.incomplete = l.incomplete || s.broken
		l.files = append(l.files, s)
	}
	l.load()
	return l.result(path, name, files)
}

func newLoader(o Options) *loader {
	l := &loader{
		o: o, root: o.Root, maxInstances: o.MaxInstances,
		sources: map[string]*source{}, reported: map[problemKey]bool{},
		variables: map[string]*variable{}, varObject: cty.EmptyObjectVal,
		locals: map[string]*symbol{}, sweeps: map[string]*symbol{},
		stages: map[string]map[string]*stage{}, checkedFiles: map[string]checkedFile{},
		filesets: map[string]fileset{},
	}
	if l.o.Kinds == nil {
		l.o.Kinds = &stages.Registry{}
	}
	if l.root == "" {
		l.root = "."
	}
	if l.elements = o.maxElements; l.elements == 0 {
		l.elements = maxElements
	}
	if l.maxInstances <= 0 {
		l.maxInstances = DefaultMaxInstances
	}
	l.budgetValue = cty.CapsuleVal(budgetType, &l.budget)
	l.functions = l.builtins()
	labels, schemas := callSchemas(l.o.Kinds)
	l.instead = map[string]string{}
	for _, label := range labels {
		l.functions[label] = l.builtin(library(callFunction(label, schemas[label])), nil)
		l.calls = append(l.calls, label)
		for _, of := range schemas[label] {
			maps.Copy(l.instead, insteadOf(of))
		}
	}
	sort.Strings(l.calls)
	return l
}

// load takes the parsed files through the phases: what is declared, the values of variables,
// named values, the graph, and each stage after those that it refers to.
func (l *loader) load() {
	for _, s := range l.files {
		if s.body != nil {
			meterAll(s.body)
			l.declare(s)
		}
	}
	sort.SliceStable(l.order, func(i, j int) bool { return l.order[i].claim == nil && l.order[j].claim != nil })
	l.setVariables()
	for _, table := range []map[string]*symbol{l.locals, l.sweeps} {
		for _, name := range keysOf(table) {
			l.resolve(table[name])
		}
	}
	l.evaluateDescription()
	for _, st := range l.order {
		l.findReferences(st)
	}
	for _, st := range l.sortStages() {
		l.expand(st)
	}
	for _, st := range l.order {
		l.claimFigures(st)
	}
}

// result gives the Spec, unless something is wrong.
func (l *loader) result(path, name string, files []string) (*Spec, Diagnostics) {
	l.diags = l.diags.sorted().bounded(l.unkept)
	if l.failed {
		return nil, l.diags
	}
	s := &Spec{Name: name, Description: l.description, Path: path, Files: files, Root: l.root, Unread: l.unread}
	for _, v := range l.varOrder {
		s.Variables = append(s.Variables, l.variableResult(v))
	}
	if l.sensitive {
		s.Secrets = l.secretTexts()
	}
	for _, st := range l.order {
		s.Stages = append(s.Stages, st.out)
	}
	return s, l.diags
}

// Format gives src in canonical format. It refuses text that does not parse; formatting twice is
// formatting once, and what the text means does not change. Line ends become \n.
func Format(src []byte, filename string) ([]byte, Diagnostics) {
	return format(src, filename)
}
