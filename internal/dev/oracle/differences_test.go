// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package oracle

// silent are the rejections that our rules do not report, by a pattern of ESO's words, with the reason.
var silent = map[string]string{
	`^(.*; )?spec.provider: Required value`: "the arguments tell that a store needs a backend; in the spec it may be unknown yet",
	`^(.*; )?spec.provider.(doppler.auth.secretRef|pulumi.accessToken|secretserver.(username|password)): Required value`: "another version does not require it, so the cluster decides",
	`^(.*; )?spec.provider.webhook.caBundle: Invalid value: ""`:                                                          "only of the backends with arguments the bundle is looked into",
	`^(.*; )?spec.provider.ibm.auth: `:                                                                                   "of the backends without arguments only the fields are checked, not how many of them are set",
}

// stricter are the errors of ours where ESO 0.20.4 refuses nothing, by a pattern of "SUMMARY: PATH", with what would happen
// without them.
var stricter = map[string]string{
	// stores
	`^Missing (role|vaultRole|audience|username|tenantId|clientId|projectID): spec.provider`: "ESO sends an empty one, and the backend refuses it",
	`^Several ways to `: "ESO fails to log in where it does not simply take the first",
	`^No way to `:       "ESO fails to log in",
	`^Missing (key|server|vaultUrl|region): spec.provider`:     "ESO does not find the backend, or its certificates",
	`^Missing (\w*[rR]ef|clientCert|clientKey): spec.provider`: "ESO fails to log in, and crashes on an aws jwt without serviceAccountRef",
	`^The (name|key) of a Secret is missing: spec.provider`:    "ESO finds no Secret, or no value in it",
	`^The namespace of (a reference|ca_provider) is missing: `: "ESO looks in no namespace, and fails to validate the store",
	`^A store of a project refers to another namespace: `:      "ESO looks in the store's own namespace, or follows it until a newer version refuses it",
	`^A kubernetes store needs one way to authenticate: `:      "ESO refuses the store when it makes its client",
	`^Invalid address: spec.provider`:                          "ESO reaches no server",
	`^Token expires too early: `:                               "Kubernetes gives no such token",
	`^Invalid number of retries: `:                             "there are no negative numbers of attempts",

	// secrets
	`^No store: `:                    "ESO looks for a store without a name",
	`^Exactly one source expected: `: "ESO fetches nothing for an entry that has a store only",
	`^Missing field: spec.(data\[\d+\].remoteRef|dataFrom\[\d+\].extract).key`:                          "no backend has a value without a key",
	`^Missing field: spec.dataFrom\[\d+\].rewrite\[\d+\].(merge.into|transform.template|regexp.source)`: "ESO makes empty keys, or fails",
}
