#include <fmt/format.h>
#include <gmock/gmock.h>

#include "kernels/emit/cpp.hpp"
#include "kernels/emit/systemverilog.hpp"
#include "kernels/emit/text.hpp"

namespace algean::kernels::emit {
namespace {

TEST(Emit, MakesIdentifiersOfAnyName) {
  EXPECT_EQ(identifier("conv1/relu:0"), "conv1_relu_0");
  EXPECT_EQ(identifier("1st"), "n1st");
  EXPECT_EQ(identifier(""), "n");
  EXPECT_EQ(identifier("_x"), "_x");
  EXPECT_EQ(identifier("\xc3\xa9"), "n__");
}

TEST(Emit, HandsOutNamesThatDiffer) {
  Names names;
  EXPECT_EQ(names.unique("a"), "a");
  EXPECT_EQ(names.unique("a"), "a_2");
  EXPECT_EQ(names.unique("a_2"), "a_2_2");
  EXPECT_EQ(names.unique("a"), "a_3");
}

TEST(Emit, CommentsAndLiteralsHoldAnyText) {
  EXPECT_EQ(comment(std::vector<std::string>{"one", "", "a\nb", "end\\"}, "  "),
            "  // one\n  //\n  // a?b\n  // end\\ |\n");
  EXPECT_EQ(quoted("a\"b\\c\n"), "\"a\\\"b\\\\c?\"");
}

TEST(Emit, PrintsModules) {
  Module module{"top", {"What it is."}, {}, {}};
  module.ports = {{Port::Direction::input, "clk", 1}, {Port::Direction::output, "data", 16}};
  module.items.emplace_back(Comment{{"inside"}});
  module.items.emplace_back(Wires{{"a_last", "a_valid"}, 1});
  module.items.emplace_back(Wires{{"a_data"}, 8});
  module.items.emplace_back(Instance{"part", "u_part", {{"BITS", "8"}}, {{"clk", "clk"}, {"m_data", "a_data"}}});
  module.items.emplace_back(Assignment{"data", concatenation({"a_data", number(8, 3)})});
  EXPECT_EQ(to_text(module),
            "// What it is.\n"
            "module top (\n"
            "  input  logic        clk,\n"
            "  output logic [15:0] data\n"
            ");\n"
            "\n"
            "  // inside\n"
            "  logic a_last, a_valid;\n"
            "  logic [7:0] a_data;\n"
            "  part #(\n"
            "    .BITS(8)\n"
            "  ) u_part (\n"
            "    .clk(clk), .m_data(a_data)\n"
            "  );\n"
            "  assign data = {8'd3, a_data};\n"
            "endmodule\n");
}

TEST(Emit, BreaksLongLists) {
  Instance instance{"part", "u", {}, {}};
  for (int i = 0; i < 20; ++i) instance.ports.push_back({fmt::format("port_{}", i), "wire"});
  const std::string text = to_text(Module{"m", {}, {{Port::Direction::input, "clk", 1}}, {instance}});
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) EXPECT_LE(text.find('\n', at) - at, 100U);
}

TEST(Emit, SlicesOnlyWhatIsAPart) {
  EXPECT_EQ(slice("w", 0, 32, 32), "w");
  EXPECT_EQ(slice("w", 32, 32, 64), "w[63:32]");
  EXPECT_EQ(slice("w", 1, 1, 2), "w[1]");
}

TEST(Emit, PrintsRowsOfTables) {
  EXPECT_EQ(to_text({"Ports"}, {{"ALGEAN_INPUT", {"in0", quoted("x"), "1"}}}),
            "// Ports\nALGEAN_INPUT(in0, \"x\", 1)\n");
}

}  // namespace
}  // namespace algean::kernels::emit
