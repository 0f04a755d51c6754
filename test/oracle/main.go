// Answers what the API server's own code says about audit policies and requests: one JSON object per line on standard
// input, one per line on standard output. See README.md.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"sort"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apiserver/pkg/apis/audit"
	serveraudit "k8s.io/apiserver/pkg/audit"
	auditpolicy "k8s.io/apiserver/pkg/audit/policy"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/klog/v2"
)

// question is a policy text, or any bytes, with requests; without a policy only the requests' attributes are asked for.
type question struct {
	Policy       *string        `json:"policy"`
	PolicyBase64 []byte         `json:"policyBase64"`
	Requests     []askedRequest `json:"requests"`
}

// askedRequest is a request by its attributes or, with a method, by what HTTP says.
type askedRequest struct {
	User *struct {
		Name   string   `json:"name"`
		Groups []string `json:"groups"`
	} `json:"user"`

	Verb   string `json:"verb"`
	Target target `json:"target"`

	Method *string `json:"method"`
	URI    string  `json:"uri"`
}

type target struct {
	Kind        string `json:"kind"`
	Group       string `json:"group,omitempty"`
	Resource    string `json:"resource,omitempty"`
	Subresource string `json:"subresource,omitempty"`
	Namespace   string `json:"namespace,omitempty"`
	Name        string `json:"name,omitempty"`
	Path        string `json:"path,omitempty"`
}

type answer struct {
	Error    string        `json:"error,omitempty"`
	Warning  string        `json:"warning,omitempty"`
	Policy   *loadedPolicy `json:"policy,omitempty"`
	Requests []decision    `json:"requests,omitempty"`
}

type decision struct {
	// Why an HTTP request never comes to the policy.
	Refused string `json:"refused,omitempty"`
	// What an HTTP request asks for.
	Verb        *string `json:"verb,omitempty"`
	Target      *target `json:"target,omitempty"`
	LongRunning bool    `json:"longRunning,omitempty"`
	// What the policy decides. Rule counts from 0.
	Level             audit.Level   `json:"level,omitempty"`
	OmitStages        []audit.Stage `json:"omitStages,omitempty"`
	OmitManagedFields bool          `json:"omitManagedFields,omitempty"`
	Rule              *int          `json:"rule,omitempty"`
}

type loadedPolicy struct {
	OmitStages        []audit.Stage `json:"omitStages,omitempty"`
	OmitManagedFields bool          `json:"omitManagedFields,omitempty"`
	Rules             []loadedRule  `json:"rules"`
}

type loadedRule struct {
	Level             audit.Level      `json:"level"`
	Users             []string         `json:"users,omitempty"`
	UserGroups        []string         `json:"userGroups,omitempty"`
	Verbs             []string         `json:"verbs,omitempty"`
	Resources         []groupResources `json:"resources,omitempty"`
	Namespaces        []string         `json:"namespaces,omitempty"`
	NonResourceURLs   []string         `json:"nonResourceURLs,omitempty"`
	OmitStages        []audit.Stage    `json:"omitStages,omitempty"`
	OmitManagedFields *bool            `json:"omitManagedFields,omitempty"`
}

type groupResources struct {
	Group         string   `json:"group,omitempty"`
	Resources     []string `json:"resources,omitempty"`
	ResourceNames []string `json:"resourceNames,omitempty"`
}

func printed(policy *audit.Policy) *loadedPolicy {
	result := &loadedPolicy{policy.OmitStages, policy.OmitManagedFields, []loadedRule{}}
	for _, rule := range policy.Rules {
		var resources []groupResources
		for _, entry := range rule.Resources {
			resources = append(resources, groupResources{entry.Group, entry.Resources, entry.ResourceNames})
		}
		result.Rules = append(result.Rules, loadedRule{rule.Level, rule.Users, rule.UserGroups, rule.Verbs, resources,
			rule.Namespaces, rule.NonResourceURLs, rule.OmitStages, rule.OmitManagedFields})
	}
	return result
}

// The place in the server's source where the scheme was made: it differs by release and by build.
var schemePlace = regexp.MustCompile(`in scheme "[^"]*"`)

const lenient = "Audit policy contains errors, falling back to lenient decoding: strict decoding error: "

func answerTo(q question, log *bytes.Buffer) answer {
	text := q.PolicyBase64
	if q.Policy != nil {
		text = []byte(*q.Policy)
	} else if text == nil {
		return answer{Requests: decisions(q.Requests, nil)}
	}
	log.Reset()
	policy, err := auditpolicy.LoadPolicyFromBytes(text)
	klog.Flush()
	warning := strings.TrimPrefix(strings.TrimSuffix(log.String(), "\n"), lenient)
	if err != nil {
		return answer{Error: schemePlace.ReplaceAllString(err.Error(), `in scheme "…"`), Warning: warning}
	}
	result := answer{Warning: warning, Policy: printed(policy)}
	if len(q.Requests) > 0 {
		result.Requests = decisions(q.Requests, evaluatorOf(policy))
	}
	return result
}

const ruleMark = "rule "

// evaluatorOf marks each rule by one more stage that it omits, which plays no part in matching: so the decision tells
// which rule made it.
func evaluatorOf(policy *audit.Policy) serveraudit.PolicyRuleEvaluator {
	marked := policy.DeepCopy()
	for i := range marked.Rules {
		rule := &marked.Rules[i]
		rule.OmitStages = append(rule.OmitStages, audit.Stage(ruleMark+strconv.Itoa(i)))
	}
	return auditpolicy.NewPolicyRuleEvaluator(marked)
}

func decisions(requests []askedRequest, evaluator serveraudit.PolicyRuleEvaluator) []decision {
	results := make([]decision, 0, len(requests))
	for i := range requests {
		results = append(results, decide(&requests[i], evaluator))
	}
	return results
}

func decide(r *askedRequest, evaluator serveraudit.PolicyRuleEvaluator) decision {
	result := decision{}
	attributes := authorizer.AttributesRecord{
		Verb:            r.Verb,
		ResourceRequest: r.Target.Kind == "resource",
		APIGroup:        r.Target.Group,
		Resource:        r.Target.Resource,
		Subresource:     r.Target.Subresource,
		Namespace:       r.Target.Namespace,
		Name:            r.Target.Name,
		Path:            r.Target.Path,
	}
	if r.Method != nil {
		info, err := requestInfo(*r.Method, r.URI)
		if err != nil {
			return decision{Refused: err.Error()}
		}
		attributes = authorizerAttributes(info)
		result = describe(info)
	}
	if r.User != nil {
		attributes.User = &user.DefaultInfo{Name: r.User.Name, Groups: r.User.Groups}
	}
	if evaluator == nil {
		return result
	}
	config := evaluator.EvaluatePolicyRule(attributes)
	result.Level = config.Level
	result.OmitManagedFields = config.OmitManagedFields
	for _, stage := range config.OmitStages {
		if mark := string(stage); strings.HasPrefix(mark, ruleMark) {
			rule, err := strconv.Atoi(mark[len(ruleMark):])
			if err != nil {
				panic(err)
			}
			result.Rule = &rule
			continue
		}
		result.OmitStages = append(result.OmitStages, stage)
	}
	// Their order is that of a Go map.
	sort.Slice(result.OmitStages, func(i, j int) bool { return result.OmitStages[i] < result.OmitStages[j] })
	return result
}

// The factory of k8s.io/apiserver/pkg/server, NewRequestInfoResolver, with the prefixes of kube-apiserver.
var factory = &request.RequestInfoFactory{
	APIPrefixes:          sets.NewString("api", "apis"),
	GrouplessAPIPrefixes: sets.NewString("api"),
}

func requestInfo(method, uri string) (*request.RequestInfo, error) {
	r, err := readRequest(method, uri)
	if err != nil {
		return nil, err
	}
	return factory.NewRequestInfo(r)
}

// readRequest reads a request line as the server does. What would break the line in two comes over HTTP/2 only.
func readRequest(method, uri string) (*http.Request, error) {
	if strings.ContainsAny(method+uri, " \r\n") {
		if method == "" {
			return nil, errors.New(`invalid method ""`)
		}
		if _, err := http.NewRequest(method, "/", nil); err != nil {
			return nil, errors.New(strings.TrimPrefix(err.Error(), "net/http: "))
		}
		if method == http.MethodConnect && !strings.HasPrefix(uri, "/") {
			uri = "http://" + uri
		}
		parsed, err := url.ParseRequestURI(uri)
		return &http.Request{Method: method, URL: parsed}, err
	}
	text := fmt.Sprintf("%s %s HTTP/1.1\r\nHost: example.com\r\n\r\n", method, uri)
	return http.ReadRequest(bufio.NewReader(strings.NewReader(text)))
}

// authorizerAttributes copies the fields as filters.GetAuthorizerAttributes does; that package itself has twice as many
// packages behind it as all the rest here.
func authorizerAttributes(info *request.RequestInfo) authorizer.AttributesRecord {
	return authorizer.AttributesRecord{
		ResourceRequest: info.IsResourceRequest,
		Path:            info.Path,
		Verb:            info.Verb,
		APIGroup:        info.APIGroup,
		APIVersion:      info.APIVersion,
		Resource:        info.Resource,
		Subresource:     info.Subresource,
		Namespace:       info.Namespace,
		Name:            info.Name,
	}
}

var longRunningSubresources = sets.NewString("attach", "exec", "proxy", "log", "portforward")

func describe(info *request.RequestInfo) decision {
	asked := &target{Kind: "nonResource", Path: info.Path}
	if info.IsResourceRequest {
		asked = &target{"resource", info.APIGroup, info.Resource, info.Subresource, info.Namespace, info.Name, ""}
	}
	// As filters.BasicLongRunningRequestCheck has it with the lists of kube-apiserver.
	longRunning := info.Verb == "watch" || info.Verb == "proxy" ||
		info.IsResourceRequest && longRunningSubresources.Has(info.Subresource) ||
		!info.IsResourceRequest && strings.HasPrefix(info.Path, "/debug/pprof/")
	return decision{Verb: &info.Verb, Target: asked, LongRunning: longRunning}
}

func main() {
	var log bytes.Buffer
	flags := flag.NewFlagSet("klog", flag.ExitOnError)
	klog.InitFlags(flags)
	for _, setting := range []string{"logtostderr=false", "one_output=true", "skip_headers=true", "stderrthreshold=FATAL"} {
		parts := strings.SplitN(setting, "=", 2)
		exitOn(flags.Set(parts[0], parts[1]))
	}
	klog.SetOutput(&log)
	input := bufio.NewReaderSize(os.Stdin, 1<<20)
	output := bufio.NewWriterSize(os.Stdout, 1<<20)
	for {
		line, err := input.ReadBytes('\n')
		if err == io.EOF && len(line) == 0 {
			break
		}
		if err != io.EOF {
			exitOn(err)
		}
		var q question
		exitOn(json.Unmarshal(line, &q))
		text, err := json.Marshal(answerTo(q, &log))
		exitOn(err)
		_, err = output.Write(append(text, '\n'))
		exitOn(err)
		// Whoever waits for this answer before asking on must not wait for ever.
		if input.Buffered() == 0 {
			exitOn(output.Flush())
		}
	}
	exitOn(output.Flush())
}

func exitOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
