package cluster

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
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
	Insecure             bool
	TLSServerName        string
	ProxyURL             string
	ConfigPaths          []string
	ConfigContext        string
	ConfigContextUser    string
	ConfigContextCluster string
	Exec                 *Exec

	// Unknown are arguments that will be known only after apply, as paths. Until then the cluster cannot be asked.
	Unknown []string
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
func (c Config) WithEnvironment(getenv func(string) string) Config {
	ownCluster := c.Host != "" || len(c.ConfigPaths) > 0
	for variable, field := range map[string]*string{
		"KUBE_HOST":                 &c.Host,
		"KUBE_TOKEN":                &c.Token,
		"KUBE_USER":                 &c.Username,
		"KUBE_PASSWORD":             &c.Password,
		"KUBE_CLIENT_CERT_DATA":     &c.ClientCertificate,
		"KUBE_CLIENT_KEY_DATA":      &c.ClientKey,
		"KUBE_CLUSTER_CA_CERT_DATA": &c.ClusterCACertificate,
		"KUBE_TLS_SERVER_NAME":      &c.TLSServerName,
		"KUBE_PROXY_URL":            &c.ProxyURL,
		"KUBE_CTX":                  &c.ConfigContext,
		"KUBE_CTX_AUTH_INFO":        &c.ConfigContextUser,
		"KUBE_CTX_CLUSTER":          &c.ConfigContextCluster,
	} {
		if *field == "" && !(ownCluster && variable == "KUBE_HOST") {
			*field = getenv(variable)
		}
	}
	if insecure, err := strconv.ParseBool(getenv("KUBE_INSECURE")); err == nil && !c.Insecure {
		c.Insecure = insecure
	}
	return c.WithKubeconfig(getenv)
}

// WithKubeconfig takes the kubeconfig of the environment where the configuration names neither a host
// nor a kubeconfig of its own.
func (c Config) WithKubeconfig(getenv func(string) string) Config {
	if c.Host != "" {
		return c
	}
	for _, variable := range []string{"KUBE_CONFIG_PATH", "KUBE_CONFIG_PATHS", "KUBECONFIG"} {
		if paths := filepath.SplitList(getenv(variable)); len(paths) > 0 && len(c.ConfigPaths) == 0 {
			c.ConfigPaths = paths
		}
	}
	return c
}

// REST gives client-go's configuration. It reads files but makes no request. The error names the
// argument or file at fault.
func (c Config) REST() (*rest.Config, error) {
	if len(c.Unknown) > 0 {
		return nil, ErrUnknownConfig
	}
	if c.Host == "" && len(c.ConfigPaths) == 0 {
		config, err := rest.InClusterConfig()
		if errors.Is(err, rest.ErrNotInCluster) {
			return nil, ErrNoConfig
		}
		return config, err
	}
	paths, err := c.expandedPaths()
	if err != nil {
		return nil, err
	}
	rules := &clientcmd.ClientConfigLoadingRules{Precedence: paths, WarnIfAllMissing: false}
	config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, c.overrides()).ClientConfig()
	if err != nil {
		return nil, c.explainLoad(err)
	}
	if c.ProxyURL != "" && config.Proxy == nil {
		return nil, errors.New("proxy_url was not taken over")
	}
	return config, nil
}

// expandedPaths resolves "~" and makes sure that each file can be read: client-go skips missing
// files silently and then talks to localhost.
func (c Config) expandedPaths() ([]string, error) {
	var paths []string
	for _, path := range c.ConfigPaths {
		if rest, ok := strings.CutPrefix(path, "~/"); ok {
			home, err := os.UserHomeDir()
			if err != nil {
				return nil, fmt.Errorf("cannot resolve ~ in kubeconfig path %q: %w", path, err)
			}
			path = filepath.Join(home, rest)
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
			InsecureSkipTLSVerify:    c.Insecure,
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
	if len(c.ConfigPaths) > 0 { // without a kubeconfig there are no contexts, whatever KUBE_CTX says
		overrides.CurrentContext = c.ConfigContext
		overrides.Context = clientcmdapi.Context{AuthInfo: c.ConfigContextUser, Cluster: c.ConfigContextCluster}
	}
	return overrides
}

// serverURL gives a host without a scheme https, as the kubernetes provider does where TLS is
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
	if clientcmd.IsEmptyConfig(err) {
		return fmt.Errorf("the kubeconfig (%s) names no cluster: %w", strings.Join(c.ConfigPaths, ", "), err)
	}
	if c.ConfigContext != "" {
		return fmt.Errorf("kubeconfig context %q: %w", c.ConfigContext, err)
	}
	return err
}
