# Reads the output of "go test -v". It leaves out what passed, so that a skip says why, names the slowest tests and counts
# all, skipped subtests too.
/^--- (PASS|FAIL)/ || /^ *--- SKIP/ { ended[$2]++ }
/^--- (PASS|FAIL)/ { name[NR] = $3; took[NR] = substr($4, 2) + 0 }
!/^(=== (RUN|PAUSE|CONT)|PASS$)/ && !/^ *--- PASS/ && !/no tests to run/ && !/\[no test files\]$/ { print; fflush() }
END {
	for (rank = 1; rank <= 10; rank++) {
		slowest = 0
		for (line in took) if (took[line] >= 1 && (!slowest || took[line] > took[slowest])) slowest = line
		if (!slowest) break
		if (rank == 1) print "The slowest tests:"
		printf "  %6.1f s  %s\n", took[slowest], name[slowest]
		delete took[slowest]
	}
	printf "%d tests passed, %d failed, %d were skipped\n", ended["PASS:"], ended["FAIL:"], ended["SKIP:"]
}
