// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package cluster

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// Config says how to connect to one cluster. Its fields are the connection arguments of the
// kubernetes provider, with the same meaning. The zero value means "as the environment says".
type Config struct {
	Host                 string
	Token                string
	TokenFile            string
	Username             string
	Password             string
	ClientCertificate    string // PEM
	ClientKey            string // PEM
	ClusterCACertificate string // PEM
	Insecure             *bool  // nil: as the environment or the kubeconfig says
	TLSServerName        string
	ProxyURL             string
	Kubeconfig           string // the text of one
	ConfigPaths          []string
	ConfigContext        string
	ConfigContextUser    string
	ConfigContextCluster string
	Exec                 *Exec

	// Unknown are arguments that will be known only after apply, as paths. Until then the cluster cannot be asked.
	Unknown []string

	loginVariables []string // those of the environment that are used
}

// Exec is a credential plugin, run by client-go when a request needs credentials.
type Exec struct {
	APIVersion string
	Command    string
	Args       []string
	Env        map[string]string
}

// ErrNoConfig means that neither the provider block nor the environment names a cluster. There is
// no default such as localhost: it would only fail later, and less clearly.
var ErrNoConfig = errors.New("no cluster is configured")

// ErrUnknownConfig means that Terraform does not know yet how to connect.
var ErrUnknownConfig = errors.New("the connection is not known yet")

// WithEnvironment fills what the configuration leaves out from the environment variables of the
// kubernetes provider, then from KUBECONFIG. A kubeconfig of the environment is only used where
// the configuration names neither a host nor a kubeconfig of its own, so that credentials of one
// cluster are never sent to another.
//
// What the configuration says always wins: also over a variable for another argument that would contradict it, such as
// KUBE_TOKEN where it names a token_file, or KUBE_INSECURE where it has an authority to check by. The text of a kubeconfig says
// itself who logs in and whom to trust; to a file the variables add, as the kubernetes provider has it.
func (c Config) WithEnvironment(getenv func(string) string) Config {
	given := c
	fill := func(field *string, variable string) {
		if *field == "" {
			*field = getenv(variable)
		}
	}
	if !given.hasKubeconfig() {
		fill(&c.Host, "KUBE_HOST")
	}
	c.logInFromEnvironment(given, getenv)
	if given.Kubeconfig == "" { // which says itself whom to trust
		c.trustEnvironment(given, getenv)
	}
	fill(&c.ProxyURL, "KUBE_PROXY_URL")
	fill(&c.ConfigContext, "KUBE_CTX")
	fill(&c.ConfigContextUser, "KUBE_CTX_AUTH_INFO")
	fill(&c.ConfigContextCluster, "KUBE_CTX_CLUSTER")
	return c.WithKubeconfig(getenv)
}

// logInFromEnvironment fills in the credentials.
func (c *Config) logInFromEnvironment(given Config, getenv func(string) string) {
	fill := func(field *string, variable string) {
		if *field == "" && getenv(variable) != "" {
			*field = getenv(variable)
			c.loginVariables = append(c.loginVariables, variable)
		}
	}
	if given.logsInBy(tokenLogin) && given.TokenFile == "" {
		fill(&c.Token, "KUBE_TOKEN")
	}
	if given.logsInBy(passwordLogin) {
		fill(&c.Username, "KUBE_USER")
		fill(&c.Password, "KUBE_PASSWORD")
	}
	if given.logsInBy(certificateLogin) {
		fill(&c.ClientCertificate, "KUBE_CLIENT_CERT_DATA")
		fill(&c.ClientKey, "KUBE_CLIENT_KEY_DATA")
	}
}

// trustEnvironment fills in how the server's certificate is checked.
func (c *Config) trustEnvironment(given Config, getenv func(string) string) {
	if authority := getenv("KUBE_CLUSTER_CA_CERT_DATA"); given.ClusterCACertificate == "" && (given.Insecure == nil || !*given.Insecure) {
		c.ClusterCACertificate = authority
	}
	if insecure, err := strconv.ParseBool(getenv("KUBE_INSECURE")); err == nil && given.Insecure == nil && given.ClusterCACertificate == "" {
		c.Insecure = &insecure
	}
	if given.TLSServerName == "" {
		c.TLSServerName = getenv("KUBE_TLS_SERVER_NAME")
	}
}

func (c Config) hasKubeconfig() bool { return c.Kubeconfig != "" || len(c.ConfigPaths) > 0 }

// loginMethod is a way to authenticate.
type loginMethod int

const (
	tokenLogin loginMethod = iota
	passwordLogin
	certificateLogin
	execLogin
)

// logsInBy reports whether arguments and variables of that way may be used: it is the one that the configuration names, or
// it names none and has no text of a kubeconfig, which names one.
func (c Config) logsInBy(way loginMethod) bool {
	named := map[loginMethod]bool{
		tokenLogin:       c.Token != "" || c.TokenFile != "",
		passwordLogin:    c.Username != "" || c.Password != "",
		certificateLogin: c.ClientCertificate != "" || c.ClientKey != "",
		execLogin:        c.Exec != nil,
	}
	return named[way] || c.Kubeconfig == "" && !(named[tokenLogin] || named[passwordLogin] || named[certificateLogin] || named[execLogin])
}

// WithKubeconfig takes the kubeconfig of the environment where the configuration names neither a host
// nor a kubeconfig of its own.
func (c Config) WithKubeconfig(getenv func(string) string) Config {
	if c.Host != "" || c.Kubeconfig != "" {
		return c
	}
	for _, variable := range []string{"KUBE_CONFIG_PATH", "KUBE_CONFIG_PATHS", "KUBECONFIG"} {
		if paths := filepath.SplitList(getenv(variable)); len(paths) > 0 && len(c.ConfigPaths) == 0 {
			c.ConfigPaths = paths
		}
	}
	return c
}

// REST returns client-go's configuration. It reads files but makes no request. The error names the
// argument or file at fault.
func (c Config) REST() (*rest.Config, error) {
	if len(c.Unknown) > 0 {
		return nil, ErrUnknownConfig
	}
	if c.Host == "" && !c.hasKubeconfig() {
		config, err := rest.InClusterConfig()
		if errors.Is(err, rest.ErrNotInCluster) {
			return nil, ErrNoConfig
		}
		return config, err
	}
	loader, err := c.loader()
	if err != nil {
		return nil, err
	}
	config, err := loader.ClientConfig()
	if err != nil {
		return nil, c.explainLoad(err)
	}
	if c.Insecure != nil && !*c.Insecure {
		config.Insecure = false // an override cannot say so: client-go takes false for nothing said
	}
	if c.ProxyURL != "" && config.Proxy == nil {
		return nil, errors.New("proxy_url was not taken over")
	}
	return config, nil
}

// loader reads the kubeconfig, with what the configuration says beside it.
func (c Config) loader() (clientcmd.ClientConfig, error) {
	overrides := c.overrides()
	if c.Kubeconfig != "" {
		parsed, err := clientcmd.Load([]byte(c.Kubeconfig))
		if err != nil {
			return nil, explainText(err)
		}
		return clientcmd.NewNonInteractiveClientConfig(*parsed, overrides.CurrentContext, overrides, nil), nil
	}
	paths, err := c.expandedPaths()
	if err != nil {
		return nil, err
	}
	rules := &clientcmd.ClientConfigLoadingRules{Precedence: paths, WarnIfAllMissing: false}
	return clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, overrides), nil
}

var lineNumber = regexp.MustCompile(`line \d+`)

// explainText returns the error for a text that is no kubeconfig. The error of the parser quotes what it does not understand, which
// may be a credential.
func explainText(err error) error {
	return fmt.Errorf("the value of the argument kubeconfig is not a kubeconfig%s. The value is not shown, because it may contain credentials. Pass the content of the file, not its path (that is config_path) or its base64 encoding", atLine(err))
}

// explainFiles is explainText for files: it returns the error for the first one that is no kubeconfig, nil if all are.
func explainFiles(paths []string) error {
	for _, path := range paths {
		_, err := clientcmd.LoadFromFile(path)
		var unread *fs.PathError
		if errors.As(err, &unread) {
			return fmt.Errorf("kubeconfig %q cannot be read: %w", path, unread)
		}
		if err != nil {
			return fmt.Errorf("the file %q is not a kubeconfig%s. Its content is not shown, because it may contain credentials. Correct the file, or name another one", path, atLine(err))
		}
	}
	return nil
}

// atLine returns " (line 3)" for the error of a parser that names the line.
func atLine(err error) string {
	if where := lineNumber.FindString(err.Error()); where != "" {
		return " (" + where + ")"
	}
	return ""
}

// expandedPaths resolves "~" and makes sure that each file can be read: client-go skips missing
// files silently and then talks to localhost.
func (c Config) expandedPaths() ([]string, error) {
	var paths []string
	for _, path := range c.ConfigPaths {
		if relative, ok := strings.CutPrefix(path, "~/"); ok {
			home, err := os.UserHomeDir()
			if err != nil {
				return nil, fmt.Errorf("cannot resolve ~ in kubeconfig path %q: %w", path, err)
			}
			path = filepath.Join(home, relative)
		}
		if _, err := os.Stat(path); err != nil {
			return nil, fmt.Errorf("kubeconfig %q cannot be read: %w", path, err)
		}
		paths = append(paths, path)
	}
	return paths, nil
}

func (c Config) overrides() *clientcmd.ConfigOverrides {
	overrides := &clientcmd.ConfigOverrides{
		ClusterInfo: clientcmdapi.Cluster{
			Server:                   serverURL(c.Host),
			InsecureSkipTLSVerify:    c.Insecure != nil && *c.Insecure,
			TLSServerName:            c.TLSServerName,
			CertificateAuthorityData: []byte(c.ClusterCACertificate),
			ProxyURL:                 c.ProxyURL,
		},
		AuthInfo: clientcmdapi.AuthInfo{
			Token:                 c.Token,
			TokenFile:             c.TokenFile,
			Username:              c.Username,
			Password:              c.Password,
			ClientCertificateData: []byte(c.ClientCertificate),
			ClientKeyData:         []byte(c.ClientKey),
		},
	}
	if c.Exec != nil {
		overrides.AuthInfo.Exec = c.Exec.config()
	}
	if c.hasKubeconfig() { // without a kubeconfig there are no contexts, whatever KUBE_CTX says
		overrides.CurrentContext = c.ConfigContext
		overrides.Context = clientcmdapi.Context{AuthInfo: c.ConfigContextUser, Cluster: c.ConfigContextCluster}
	}
	return overrides
}

// serverURL adds https:// to a host without a scheme, as the kubernetes provider does where TLS is
// configured. Credentials never go over plain HTTP unless the host says http itself.
func serverURL(host string) string {
	if host == "" || strings.Contains(host, "://") {
		return host
	}
	return "https://" + host
}

func (e *Exec) config() *clientcmdapi.ExecConfig {
	config := &clientcmdapi.ExecConfig{
		APIVersion:      e.APIVersion,
		Command:         e.Command,
		Args:            e.Args,
		InteractiveMode: clientcmdapi.NeverExecInteractiveMode, // Terraform owns the terminal
	}
	for name, value := range e.Env {
		config.Env = append(config.Env, clientcmdapi.ExecEnvVar{Name: name, Value: value})
	}
	return config
}

func (c Config) explainLoad(err error) error {
	if paths, failed := c.expandedPaths(); failed == nil {
		if unfit := explainFiles(paths); unfit != nil {
			return unfit
		}
	}
	if clientcmd.IsEmptyConfig(err) {
		which := strings.Join(c.ConfigPaths, ", ")
		if c.Kubeconfig != "" {
			which = "argument kubeconfig"
		}
		return fmt.Errorf("the kubeconfig (%s) names no cluster: %w", which, err)
	}
	if c.ConfigContext != "" {
		return fmt.Errorf("kubeconfig context %q: %w", c.ConfigContext, err)
	}
	return err
}
