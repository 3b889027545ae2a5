package secrets

// shape is the JSON type of a field.
type shape int

const (
	// anything is a field of which only the defaults matter here.
	anything shape = iota
	object
	list
	text
	flag
	textsByKey
)

// field describes a field of a custom resource: what may stand in it, and what the CRD's defaulting puts there.
type field struct {
	shape  shape
	fields map[string]field // of an object
	item   *field           // of a list

	required   bool
	mayBeEmpty bool // the empty text is a value of a required field
	// values are all that the field takes; newer are taken by later versions of ESO. With open the list grows with every
	// version, so that a value outside of it is no error.
	values []string
	newer  []string
	open   bool
	// flaw says what is wrong with a text, empty if nothing.
	flaw func(string) string
	// one: exactly one of the fields of this object is set.
	one bool

	// preset is the value that the CRD gives to the field where it is absent; nil if it gives none.
	preset any
	// always: ESO's Go type writes this object even when it is empty, so empty and absent are the same.
	always bool
	// later: the field is known by later versions of ESO only, and not to the typed arguments.
	later bool
}

// isPreset tells whether v is what the field would hold if nobody had written anything.
func (f field) isPreset(v any) bool {
	if f.always && hollow(v) {
		return true
	}
	if f.preset == nil {
		return false
	}
	// A cluster holds the preset of a duration in either spelling.
	a, isText := f.preset.(string)
	b, alsoText := v.(string)
	if isText && alsoText {
		return EqualDurations(a, b)
	}
	return equalScalars(f.preset, v)
}

// child finds the description of a key of an object; none for what is not known.
func (f field) child(key string) (field, bool) {
	c, ok := f.fields[key]
	return c, ok
}
