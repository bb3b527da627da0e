#include "cluster/cli/command.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <new>

namespace algean::cluster {
namespace {

constexpr auto about =
    "Algean runs trained networks as batch-1 inference services.\n"
    "NET is a net.json, a model file (Keras, ONNX, TensorFlow Lite), or what import, quantise, plan or build wrote;\n"
    "CLUSTER is a cluster.yaml: without one, this machine is the one node;\n"
    "N is the name of a running deployment.\n";

constexpr auto statuses =
    "Exit status: 0; 1 the job failed or results differ; 2 bad input; 3 a deadline passed.\n"
    "With --json, standard output carries one JSON document and people's text goes to standard error.";

// CLI11's words where they say what and where; ours where they do not.
std::string reason(const CLI::ParseError& error) {
  std::string text = error.what();
  while (!text.empty() && (text.back() == '\n' || text.back() == '.')) text.pop_back();
  return text;
}

const CLI::App* chosen(const CLI::App& app) {
  const auto commands = app.get_subcommands();
  return commands.empty() ? nullptr : commands.front();
}

// The first argument that is no option, if it is not a command.
std::string unknown_command(const CLI::App& app, std::span<const char* const> arguments) {
  const auto word = std::ranges::find_if(arguments, [](std::string_view text) { return !text.starts_with('-'); });
  if (word == arguments.end()) return {};
  const auto commands = app.get_subcommands([](const CLI::App*) { return true; });
  const auto is_word = [&](const CLI::App* command) { return command->get_name() == *word; };
  return std::ranges::any_of(commands, is_word) ? std::string() : std::string(*word);
}

// Unlike CLI::Range, refuses nan.
CLI::Validator number_between(double low, double high) {
  const auto check = [low, high](const std::string& text) {
    double value = 0;
    const bool good = CLI::detail::lexical_cast(text, value) && value >= low && value <= high;
    return good ? std::string() : fmt::format("Value {} not in range [{} - {}]", text, low, high);
  };
  return CLI::Validator(check, fmt::format("[{} - {}]", low, high));
}

template <class Value>
void add_option(CLI::App& parser, const std::string& name, Value& value, const std::string& help,
                const Demands& demands) {
  CLI::Option* option = parser.add_option(name, value, help);
  if (demands.required) option->required();
  if (!demands.one_of.empty()) option->check(CLI::IsMember(demands.one_of));
  if (demands.not_empty) {
    option->check([](const std::string& text) { return std::string(text.empty() ? "is empty" : ""); });
  }
  if (demands.high != 0) option->check(number_between(demands.low, demands.high));
  if (value != Value{}) option->capture_default_str();
}

}  // namespace

Command& Command::option(const std::string& name, std::string& value, const std::string& help, const Demands& demands) {
  add_option(*parser_, name, value, help, demands);
  return *this;
}

Command& Command::option(const std::string& name, double& value, const std::string& help, const Demands& demands) {
  add_option(*parser_, name, value, help, demands);
  return *this;
}

Command& Command::option(const std::string& name, std::size_t& value, const std::string& help, const Demands& demands) {
  add_option(*parser_, name, value, help, demands);
  return *this;
}

Command& Command::option(const std::string& name, std::vector<std::string>& values, const std::string& help,
                         const Demands& demands) {
  add_option(*parser_, name, values, help, demands);
  return *this;
}

Command& Command::flag(const std::string& name, bool& value, const std::string& help) {
  CLI::Option* flag = parser_->add_flag(name, value, help);
  if (help.empty()) flag->group("");
  return *this;
}

Commands::Commands() : app_(std::make_unique<CLI::App>(about, "algean")) {
  app_->require_subcommand(0, 1);
  app_->set_help_flag("-h,--help", "print this help");
  app_->add_flag("--json", json_, "print one JSON document on standard output");
  app_->add_flag("--version", version_, "print the version, as the command `version` does");
  app_->footer(statuses);
}

Commands::~Commands() = default;

Command& Commands::add(const std::string& name, const std::string& summary, const std::string& example, bool hidden) {
  CLI::App* command = app_->add_subcommand(name, summary);
  command->set_help_flag("-h,--help", "print this help");
  command->add_flag("--json", json_, "print one JSON document on standard output");
  command->footer("Example:\n  " + example);
  if (hidden) command->group("");
  return commands_.emplace_back(*command);
}

Result<> Commands::parse(std::span<const char* const> arguments, Console& console) {
  const auto wants_json = [](std::string_view text) { return text == "--json"; };
  if (std::ranges::any_of(arguments, wants_json)) console.use_json();
  if (const std::string word = unknown_command(*app_, arguments); !word.empty()) {
    return bad_input("`{}` is not a command; `algean --help` lists them", word);
  }
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());  // CLI11 pops from the back
  try {
    app_->parse(reversed);
  } catch (const CLI::CallForHelp&) {
    const CLI::App* command = chosen(*app_);
    const std::string help = command != nullptr ? command->help("algean") : app_->help();
    console.block(help);
    console.document({{"help", help}});
    answered_ = true;
  } catch (const CLI::ParseError& error) {
    const CLI::App* command = chosen(*app_);
    const std::string name = command != nullptr ? command->get_name() + " " : std::string();
    const auto unknown = command != nullptr ? command->remaining() : std::vector<std::string>();
    if (error.get_name() == "RequiredError" && !unknown.empty() && unknown.front().starts_with('-')) {
      return bad_input("{0}: the option `{1}` is unknown; see `algean {0} --help`", command->get_name(),
                       unknown.front());
    }
    return bad_input("{}{}; see `algean {}--help`", name.empty() ? "" : name.substr(0, name.size() - 1) + ": ",
                     reason(error), name);
  }
  return {};
}

Result<Outcome> Commands::dispatch(Context& context) {
  const CLI::App* command = chosen(*app_);
  const std::string name = command != nullptr ? command->get_name() : version_ ? "version" : "";
  const auto is_named = [&](const Command& each) { return each.parser_->get_name() == name; };
  const auto found = std::ranges::find_if(commands_, is_named);
  if (found == commands_.end()) return bad_input("a command is missing; `algean --help` lists them");
  try {
    return found->action_(context);
  } catch (const std::bad_alloc&) {  // what a user hands over may be well formed and still too large for this machine
    return failed("{}: not enough memory for a network or input of this size", name);
  }
}

int Commands::run(std::span<const char* const> arguments, Context& context) {
  Console& console = context.console;
  int status = 0;
  const auto end_with = [&](const Error& error) {
    console.error(error);
    status = static_cast<int>(error.kind);
  };
  if (auto parsed = parse(arguments, console); !parsed) {
    end_with(parsed.error());
  } else if (!answered_) {
    if (auto outcome = dispatch(context); !outcome) {
      end_with(outcome.error());
    } else {
      status = outcome->status;
      console.document(outcome->document);
    }
  }
  if (auto printed = console.finish(); !printed && status == 0) end_with(printed.error());
  return status;
}

}  // namespace algean::cluster
