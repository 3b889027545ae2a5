// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
)

// backendsVariable names the file that describes the emulated backends of a control plane.
const backendsVariable = "AIRM_BACKENDS"

// emulatedVault is a server that External Secrets Operator takes for Vault.
type emulatedVault struct {
	Endpoint    string
	Admin       string
	Credentials map[string]string
}

func findVault() (*emulatedVault, error) {
	text, err := os.ReadFile(os.Getenv(backendsVariable))
	if err != nil {
		return nil, err
	}
	var backends struct{ Vault *emulatedVault }
	if err := json.Unmarshal(text, &backends); err != nil || backends.Vault == nil {
		return nil, errors.Join(errors.New("no Vault in "+os.Getenv(backendsVariable)), err)
	}
	return backends.Vault, nil
}

// write sets the fields of a secret.
func (v *emulatedVault) write(key string, fields map[string]secretValue) error {
	texts := map[string]string{}
	for name, field := range fields {
		texts[name] = string(field)
	}
	body, err := json.Marshal(texts)
	if err != nil {
		return err
	}
	request, err := http.NewRequest(http.MethodPut, v.Admin+key, strings.NewReader(string(body)))
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	_ = response.Body.Close() // nothing is read from it
	if response.StatusCode != http.StatusNoContent {
		return fmt.Errorf("write %s: %s", key, response.Status)
	}
	return nil
}

// vault shows a store of Vault deliver a value and its successor, with credentials that no state has.
func (d *demo) vault() error {
	if os.Getenv(backendsVariable) == "" {
		say("Left out: an emulated Vault comes with the control plane of this machine only.")
		return nil
	}
	vault, err := findVault()
	if err != nil {
		return err
	}
	tf, err := d.copyExample(vaultDir)
	if err != nil {
		return err
	}
	const key = "team-a/database"
	credential := secretValue(vault.Credentials["secret_id"])
	fields := map[string]secretValue{"username": secretValue("user-of-the-database"), "password": secretValue(rand.Text())}
	tf.set("server", vault.Endpoint)
	tf.set("role_id", vault.Credentials["role_id"])
	tf.set("secret_id", string(credential))
	tf.set("project", d.projects[0])

	if err := errors.Join(vault.write(key, fields), tf.run("apply", "-auto-approve")); err != nil {
		return err
	}
	err = d.showArrival(d.projects[:1], "vault-database", "password", func() error {
		printCommand("vault kv patch secret/%s password=...", key)
		fields["password"] = secretValue(rand.Text())
		return vault.write(key, fields)
	})
	if err != nil {
		return err
	}
	state, err := tf.output("state", "pull")
	if err != nil {
		return err
	}
	if credential.isIn(state) || fields["password"].isIn(state) || fields["username"].isIn(state) {
		return errors.New("the state contains a value of Vault or the secret id")
	}
	say("\nNeither the secret id nor a value is in the state.")
	if text, err := tf.output("destroy", "-auto-approve"); err != nil {
		return fmt.Errorf("destroy failed: %w\n%s", err, text)
	}
	return nil
}
