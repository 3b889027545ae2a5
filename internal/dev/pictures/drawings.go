// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

// concepts shows who writes what, and where the values go.
var concepts = picture{
	title: "Terraform writes records and ExternalSecrets; External Secrets Operator fetches the values",
	width: 960, height: 470,
	boxes: []boxShape{
		{10, 180, 160, 90, "ours", []string{"Terraform, OpenTofu", "plan, state:", "references, no values"}},

		{290, 20, 450, 270, "frame", []string{"home cluster"}},
		{310, 55, 190, 70, "ours", []string{"platform namespace", "records: definitions,", "assignments (ConfigMaps)"}},
		{310, 145, 410, 130, "frame", []string{"project team-a"}},
		{325, 190, 130, 60, "ours", []string{"ExternalSecret", "what to fetch"}},
		{580, 190, 120, 60, "cluster", []string{"Secret", "the values"}},
		{580, 55, 140, 70, "cluster", []string{"External Secrets", "Operator (ESO)"}},

		{290, 310, 450, 140, "frame", []string{"cluster east"}},
		{310, 340, 250, 95, "frame", []string{"project team-b"}},
		{320, 370, 130, 50, "ours", []string{"ExternalSecret"}},
		{470, 370, 80, 50, "cluster", []string{"Secret"}},
		{610, 360, 110, 60, "cluster", []string{"ESO"}},

		{820, 130, 120, 210, "cluster", []string{"backend", "Vault", "AWS", "Google Cloud", "Azure", "Kubernetes", "any other of ESO"}},
	},
	arrows: []arrowShape{
		{points: [][2]int{{170, 200}, {258, 200}, {258, 90}, {308, 90}}, at: [2]int{250, 120}, anchor: "end", text: "records"},
		{points: [][2]int{{170, 225}, {323, 225}}, at: [2]int{176, 219}, text: "applies, waits"},
		{points: [][2]int{{170, 250}, {258, 250}, {258, 395}, {318, 395}}, at: [2]int{250, 340}, anchor: "end",
			text: "the same in\nevery cluster"},
		{points: [][2]int{{580, 90}, {570, 90}, {570, 220}, {457, 220}}, dashed: true, at: [2]int{490, 214}, text: "reads"},
		{points: [][2]int{{650, 127}, {650, 188}}, at: [2]int{656, 178}, text: "writes"},
		{points: [][2]int{{720, 90}, {880, 90}, {880, 128}}, at: [2]int{768, 84}, text: "fetches the values"},
		{points: [][2]int{{608, 395}, {552, 395}}},
		{points: [][2]int{{720, 395}, {880, 395}, {880, 342}}},
	},
}

// statuses shows what becomes of one ExternalSecret.
var statuses = picture{
	title: "The statuses of one ExternalSecret",
	width: 900, height: 400,
	boxes: []boxShape{
		{30, 40, 130, 50, "cluster", []string{"create"}},
		{270, 40, 160, 60, "wait", []string{"Pending", "ESO has not synced yet"}},
		{610, 40, 190, 60, "good", []string{"Synced", "the latest version is synced"}},
		{610, 180, 190, 60, "bad", []string{"SyncedError", "ESO tried and failed"}},
		{30, 180, 160, 60, "bad", []string{"Failed", "the write failed"}},
		{270, 310, 150, 60, "wait", []string{"Deleting"}},
		{610, 310, 190, 60, "bad", []string{"DeleteFailed", "rejected or timed out"}},
		{30, 315, 130, 50, "cluster", []string{"deleted"}},
	},
	arrows: []arrowShape{
		{points: [][2]int{{160, 65}, {268, 65}}, at: [2]int{178, 58}, text: "written"},
		{points: [][2]int{{95, 90}, {95, 178}}, at: [2]int{101, 138}, text: "rejected"},
		{points: [][2]int{{190, 200}, {310, 200}, {310, 102}}, at: [2]int{202, 193}, text: "next apply"},
		{points: [][2]int{{430, 60}, {608, 60}}, at: [2]int{450, 54}, text: "ESO wrote the Secret"},
		{points: [][2]int{{608, 82}, {432, 82}}, at: [2]int{450, 98}, text: "a change, a forced sync"},
		{points: [][2]int{{380, 102}, {380, 200}, {608, 200}}, at: [2]int{390, 193}, text: "Ready=False, newer than our write"},
		{points: [][2]int{{680, 102}, {680, 178}}, at: [2]int{674, 145}, anchor: "end", text: "key missing or backend down"},
		{points: [][2]int{{740, 178}, {740, 102}}, at: [2]int{748, 145}, text: "ESO retries"},
		{points: [][2]int{{345, 262}, {345, 308}}, at: [2]int{355, 290}, text: "destroy, unassign: from any status"},
		{points: [][2]int{{268, 340}, {162, 340}}, at: [2]int{166, 333}, text: "finalizers removed"},
		{points: [][2]int{{420, 330}, {608, 330}}, at: [2]int{440, 324}, text: "a finalizer remains"},
		{points: [][2]int{{608, 352}, {422, 352}}, at: [2]int{440, 368}, text: "destroy again"},
	},
}
