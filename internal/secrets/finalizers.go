package secrets

// Finalizer keeps an object that is being deleted until somebody has removed it.
type Finalizer struct {
	// Name is the finalizer, Owner says who removes it.
	Name, Owner string
	// Hint says what to look at when it stays.
	Hint string
}

var knownFinalizers = map[string]Finalizer{
	"externalsecrets.external-secrets.io/externalsecret-cleanup": {
		Owner: "ESO",
		Hint:  "ESO removes it once it has cleaned up the Secret: check that ESO runs in this cluster.",
	},
	"secretstore.externalsecrets.io/finalizer": {
		Owner: "ESO",
		Hint:  "ESO removes it once no PushSecret with the deletionPolicy Delete refers to the store: delete those first.",
	},
	"airm.silogen.ai/secret-finalizer": {
		Owner: "AIRM's agent",
		Hint:  "The agent removes it once it has told AIRM of the deletion: check that the agent runs in this cluster.",
	},
	"foregroundDeletion": {
		Owner: "Kubernetes",
		Hint:  "The garbage collector removes it once what the object owns, such as its Secret, is gone: look for finalizers on those.",
	},
	"orphan": {
		Owner: "Kubernetes",
		Hint:  "The garbage collector removes it once it has released what the object owns: check that the controller manager runs.",
	},
}

// DeletionBlockers lists the finalizers of an object, thus who has to act before its deletion ends.
func DeletionBlockers(obj map[string]any) []Finalizer {
	var blockers []Finalizer
	for _, name := range listAt(obj, "metadata", "finalizers") {
		name, ok := name.(string)
		if !ok {
			continue
		}
		f, known := knownFinalizers[name]
		if !known {
			f = Finalizer{Owner: "an unknown controller", Hint: "The controller that set it removes it: find out which one that is, and whether it runs."}
		}
		f.Name = Cap(name)
		blockers = append(blockers, f)
	}
	return blockers
}
