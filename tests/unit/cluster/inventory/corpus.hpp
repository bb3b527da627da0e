// Good and bad cluster files, each with the message that read_inventory() gives (empty: accepted). Shared by the tests
// of the parser and of the schema.
#pragma once

#include <array>
#include <string_view>

namespace algean::cluster {

struct ClusterCase {
  std::string_view text;
  std::string_view message;    // behind "cluster.json:"
  bool schema_can_see = true;  // false: what JSON Schema has no words for (names that stand twice, unknown nodes)
};

inline constexpr std::string_view whole_cluster = R"({
  "version": 1,
  "name": "lab.2",
  "nodes": [
    {"name": "a", "kind": "cpu", "host": "local", "cores": "0,2-3", "poll": "spin", "speed_gmacs": 200.5,
     "listen": "10.0.0.1:4000"},
    {"name": "b-2", "kind": "cpu", "host": "tcp://10.0.0.2:7300", "listen": "10.0.0.2:0"},
    {"name": "c", "kind": "cpu", "cores": 1, "listen": "host.example:0"}
  ],
  "links": {
    "default": {"transport": "tcp", "mtu": 1400},
    "b-2-a": {"transport": "auto", "mtu": 9000, "bandwidth_gbps": 10, "latency_us": 0}
  },
  "limits": {"inference_deadline_ms": 500, "deploy_deadline_s": 30, "max_clients": 8, "max_in_flight": 4}
})";

inline constexpr std::array cluster_cases{
    ClusterCase{whole_cluster, ""},
    ClusterCase{R"({"version": 1, "name": "n", "nodes": [{"name": "a", "kind": "cpu"}]})", ""},
    ClusterCase{R"({"version": 1, "name": "n", "nodes": [{"name": "a", "kind": "cpu", "host": "tcp://127.0.0.1:7300"}],
 "links": {}, "limits": {}})",
                ""},
    // the document
    ClusterCase{R"([])", "1:1: the document must be a map; it is a list"},
    ClusterCase{R"({})", "1:1: the document needs the key 'version'"},
    ClusterCase{R"({"version": 2, "name": "n", "hosts": 1})",
                "1:13: 'version' must be an integer from 1 to 1; it is 2"},
    ClusterCase{R"({"version": 1, "nodes": [{"name": "a", "kind": "cpu"}]})", "1:1: the document needs the key 'name'"},
    ClusterCase{R"({"version": 1, "name": "n"})", "1:1: the document needs the key 'nodes'"},
    ClusterCase{R"({"version": 1, "name": "n", "node": []})",
                "1:29: unknown key 'node'; did you mean 'nodes'?; known are version, name, nodes, links, limits"},
    ClusterCase{R"({"version": 1, "name": "a b", "nodes": [{"name": "a", "kind": "cpu"}]})",
                "1:24: 'name' must be letters, digits, '.', '_' and '-', first a letter or digit, at most 64"},
    ClusterCase{R"({"version": 1, "name": "n", "nodes": [{"name": "a", "kind": "cpu"}],
 "nodes": []})",
                "2:2: key 'nodes' stands twice in its map; the first is in line 1", false},
    // nodes
    ClusterCase{R"({"version": 1, "name": "n", "nodes": []})", "1:38: 'nodes' must hold 1 to 256 nodes; it holds 0"},
    ClusterCase{R"({"version": 1, "name": "n", "nodes": {"a": 1}})", "1:38: 'nodes' must be a list; it is a map"},
    ClusterCase{R"({"version": 1, "name": "n", "nodes": [7]})", "1:39: 'nodes[0]' must be a map; it is 7"},
    ClusterCase{R"({"version": 1, "name": "n", "nodes": [{"kind": "cpu"}]})", "1:39: 'nodes[0]' needs the key 'name'"},
    ClusterCase{R"({"version": 1, "name": "n", "nodes": [{"name": "a"}]})", "1:39: 'nodes[0]' needs the key 'kind'"},
    ClusterCase{R"({"version": 1, "name": "n", "nodes": [{"name": "a", "kind": "fpga", "board": "u280"}]})",
                "1:61: 'nodes[0].kind' is fpga, which is not supported yet; cpu is"},
    ClusterCase{R"({"version": 1, "name": "n", "nodes": [{"name": "a", "kind": "gpu"}]})",
                "1:61: 'nodes[0].kind' must be one of cpu, fpga; it is 'gpu'"},
    ClusterCase{R"({"version": 1, "name": "n", "nodes": [{"name": "a", "kind": "cpu", "core": "0"}]})",
                "1:68: unknown key 'nodes[0].core'; did you mean 'cores'?; known are name, kind, host, listen, cores, "
                "poll, speed_gmacs"},
    ClusterCase{R"({"version": 1, "name": "n", "nodes": [{"name": "a.b", "kind": "cpu"}]})",
                "1:48: 'nodes[0].name' must be letters, digits, '_' and '-', first a letter or digit, at most 64"},
    ClusterCase{R"({"version": 1, "name": "n", "nodes": [{"name": "", "kind": "cpu"}]})",
                "1:48: 'nodes[0].name' must be a string that is not empty; it is ''"},
    ClusterCase{R"({"version": 1, "name": "n", "nodes": [{"name": "a", "kind": "cpu"}, {"name": "a", "kind": "cpu"}]})",
                "1:78: 'nodes[1].name' is 'a', as another node's", false},
    ClusterCase{R"({"version": 1, "name": "n", "nodes": [{"name": "a", "kind": "cpu", "host": "10.0.0.2"}]})",
                "1:76: 'nodes[0].host' must be local, or tcp://HOST:PORT where its agent listens"},
    ClusterCase{R"({"version": 1, "name": "n", "nodes": [{"name": "a", "kind": "cpu", "host": "tcp://h:0"}]})",
                "1:76: 'nodes[0].host' must be local, or tcp://HOST:PORT where its agent listens"},
    ClusterCase{R"({"version": 1, "name": "n", "nodes": [{"name": "a", "kind": "cpu", "host": "tcp://h:70000"}]})",
                "1:76: 'nodes[0].host' must be local, or tcp://HOST:PORT where its agent listens", false},
    ClusterCase{R"({"version": 1, "name": "n", "nodes": [{"name": "a", "kind": "cpu", "listen": "4000"}]})",
                "1:78: 'nodes[0].listen' must be HOST:PORT, port 0 for any free one"},
    ClusterCase{R"({"version": 1, "name": "n", "nodes": [{"name": "a", "kind": "cpu", "listen": "127.0.0.1:4000"},
 {"name": "b", "kind": "cpu", "listen": "127.0.0.1:4000"}]})",
                "2:41: 'nodes[1].listen' is 127.0.0.1:4000, as node a's of the same host", false},
    ClusterCase{R"({"version": 1, "name": "n", "nodes": [{"name": "a", "kind": "cpu", "listen": "0.0.0.0:4000"}]})",
                "1:78: 'nodes[0].listen' names no address that the other nodes can send to"},
    ClusterCase{R"({"version": 1, "name": "n", "nodes": [{"name": "a", "kind": "cpu"},
 {"name": "b", "kind": "cpu", "host": "tcp://10.0.0.2:7", "listen": "10.0.0.2:0"}]})",
                "1:39: 'nodes[0]' needs the key 'listen': node b is another host's, from where 127.0.0.1:0 reaches "
                "nothing: give an address of its own",
                false},
    ClusterCase{R"({"version": 1, "name": "n", "nodes": [
 {"name": "b", "kind": "cpu", "host": "tcp://10.0.0.2:7", "listen": "127.0.0.1:9"}]})",
                "2:69: 'nodes[0].listen' must be reachable: node b is another host's, from where 127.0.0.1:9 reaches "
                "nothing: give an address of its own",
                false},
    ClusterCase{R"({"version": 1, "name": "n", "nodes": [{"name": "a", "kind": "cpu", "cores": "0-x"}]})",
                "1:77: 'nodes[0].cores' must be numbers of cores from 0 to 1023, as in \"0\", \"0,2\" or \"1-3\""},
    ClusterCase{R"({"version": 1, "name": "n", "nodes": [{"name": "a", "kind": "cpu", "cores": 1024}]})",
                "1:77: 'nodes[0].cores' must be numbers of cores from 0 to 1023, as in \"0\", \"0,2\" or \"1-3\""},
    ClusterCase{R"({"version": 1, "name": "n", "nodes": [{"name": "a", "kind": "cpu", "cores": "1,"}]})",
                "1:77: 'nodes[0].cores' must be numbers of cores from 0 to 1023, as in \"0\", \"0,2\" or \"1-3\""},
    ClusterCase{R"({"version": 1, "name": "n", "nodes": [{"name": "a", "kind": "cpu", "cores": "3-1"}]})",
                "1:77: 'nodes[0].cores' holds a range that ends before it begins", false},
    ClusterCase{R"({"version": 1, "name": "n", "nodes": [{"name": "a", "kind": "cpu", "poll": "sleep"}]})",
                "1:76: 'nodes[0].poll' must be one of auto, spin, yield, block; it is 'sleep'"},
    ClusterCase{R"({"version": 1, "name": "n", "nodes": [{"name": "a", "kind": "cpu", "speed_gmacs": 0}]})",
                "1:83: 'nodes[0].speed_gmacs' must be above 0"},
    ClusterCase{R"({"version": 1, "name": "n", "nodes": [{"name": "a", "kind": "cpu", "speed_gmacs": "1"}]})",
                "1:83: 'nodes[0].speed_gmacs' must be a number; it is '1'"},
    // links
    ClusterCase{R"({"version": 1, "name": "n", "nodes": [{"name": "a", "kind": "cpu"}], "links": []})",
                "1:79: 'links' must be a map; it is a list"},
    ClusterCase{R"({"version": 1, "name": "n", "nodes": [{"name": "a", "kind": "cpu"}], "links": {"a": {}}})",
                "1:85: 'links.a' names no link: default, or A-B of two nodes"},
    ClusterCase{R"({"version": 1, "name": "n", "nodes": [{"name": "a", "kind": "cpu"}], "links": {"a-z": {}}})",
                "1:87: 'links.a-z' names no link: default, or A-B of two nodes", false},
    ClusterCase{R"({"version": 1, "name": "n", "nodes": [{"name": "a", "kind": "cpu"}], "links": {"a-a": {}}})",
                "1:87: 'links.a-a' links a node with itself", false},
    ClusterCase{R"({"version": 1, "name": "n", "nodes": [{"name": "a", "kind": "cpu"}, {"name": "b", "kind": "cpu"}],
 "links": {"a-b": {}, "b-a": {}}})",
                "2:30: 'links.b-a' is there already, the other way round", false},
    ClusterCase{R"({"version": 1, "name": "n", "nodes": [{"name": "a", "kind": "cpu"}, {"name": "b", "kind": "cpu"},
 {"name": "a-b", "kind": "cpu"}, {"name": "b-b", "kind": "cpu"}], "links": {"a-b-b": {}}})",
                "2:86: 'links.a-b-b' can be read as two links; name the nodes otherwise", false},
    ClusterCase{R"({"version": 1, "name": "n", "nodes": [{"name": "a", "kind": "cpu"}],
 "links": {"default": {"transport": "shm"}}})",
                "2:37: 'links.default.transport' is shm, which is not supported yet; udp and tcp are"},
    ClusterCase{R"({"version": 1, "name": "n", "nodes": [{"name": "a", "kind": "cpu"}],
 "links": {"default": {"transport": "pigeon"}}})",
                "2:37: 'links.default.transport' must be one of auto, udp, tcp, shm; it is 'pigeon'"},
    ClusterCase{R"({"version": 1, "name": "n", "nodes": [{"name": "a", "kind": "cpu"}, {"name": "b", "kind": "cpu"}],
 "links": {"default": {"transport": "udp"}, "a-b": {"transport": "tcp"}}})",
                "2:66: 'links.a-b.transport' is tcp, but 'links.default.transport' is udp; links of two transports are "
                "not supported yet",
                false},
    ClusterCase{R"({"version": 1, "name": "n", "nodes": [{"name": "a", "kind": "cpu"}],
 "links": {"default": {"mtu": 575}}})",
                "2:31: 'links.default.mtu' must be an integer from 576 to 65535; it is 575"},
    ClusterCase{R"({"version": 1, "name": "n", "nodes": [{"name": "a", "kind": "cpu"}],
 "links": {"default": {"bandwidth_gbps": 0}}})",
                "2:42: 'links.default.bandwidth_gbps' must be above 0"},
    ClusterCase{R"({"version": 1, "name": "n", "nodes": [{"name": "a", "kind": "cpu"}],
 "links": {"default": {"latency_us": -1}}})",
                "2:38: 'links.default.latency_us' must not be negative"},
    ClusterCase{R"({"version": 1, "name": "n", "nodes": [{"name": "a", "kind": "cpu"}],
 "links": {"default": {"loss": 1}}})",
                "2:24: unknown key 'links.default.loss'; known are transport, mtu, bandwidth_gbps, latency_us"},
    // limits
    ClusterCase{R"({"version": 1, "name": "n", "nodes": [{"name": "a", "kind": "cpu"}],
 "limits": {"inference_deadline_ms": 0}})",
                "2:38: 'limits.inference_deadline_ms' must be an integer from 1 to 86400000; it is 0"},
    ClusterCase{R"({"version": 1, "name": "n", "nodes": [{"name": "a", "kind": "cpu"}],
 "limits": {"deploy_deadline_s": 86401}})",
                "2:34: 'limits.deploy_deadline_s' must be an integer from 1 to 86400; it is 86401"},
    ClusterCase{R"({"version": 1, "name": "n", "nodes": [{"name": "a", "kind": "cpu"}],
 "limits": {"max_clients": 65535}})",
                "2:28: 'limits.max_clients' must be an integer from 1 to 65534; it is 65535"},
    ClusterCase{R"({"version": 1, "name": "n", "nodes": [{"name": "a", "kind": "cpu"}],
 "limits": {"max_in_flight": 1.5}})",
                "2:30: 'limits.max_in_flight' must be an integer from 1 to 65534; it is 1.5"},
    ClusterCase{R"({"version": 1, "name": "n", "nodes": [{"name": "a", "kind": "cpu"}],
 "limits": {"deadline": 5}})",
                "2:13: unknown key 'limits.deadline'; known are inference_deadline_ms, deploy_deadline_s, max_clients, "
                "max_in_flight"},
};

}  // namespace algean::cluster
