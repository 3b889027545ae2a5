package secrets

import "fmt"

func checkFakeStore(ps *storeCheck, store map[string]any, at Path) {
	for i, entry := range listAt(store, "data") {
		for _, field := range []string{"key", "value"} {
			isMap := field == "value" && !hollow(lookup(entry, "valueMap")) // which ESO has until 0.15
			if textAt(entry, field) == "" && !isMap {
				ps.fail(at.with("data", i, field), fmt.Sprintf("A %s is missing", field), "Every entry of a fake store has a key and a value; ESO refuses empty ones.")
			}
		}
	}
	if result, ok := integer(store["validationResult"]); ok && (result < 0 || result > 2) {
		ps.fail(at.with("validationResult"), "Invalid value", "It is 0 (ready), 1 (unknown) or 2 (error).")
	}
}
