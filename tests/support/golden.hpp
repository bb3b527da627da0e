// Folders of generated text that a test compares with golden ones; ALGEAN_REGENERATE=1 writes the golden ones anew.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <set>
#include <string>

#include "runtime/base/file.hpp"

namespace algean::testing_support {

class GoldenFolder {
 public:
  // `path` within tests/, and which files, by their paths in a project, are compared. C++ lies there under a name that
  // is none of our own sources: NAME.cpp.txt.
  GoldenFolder(const std::string& path, std::function<bool(const std::string&)> compared)
      : compared_(std::move(compared)) {
    const char* source = std::getenv("ALGEAN_SOURCE");  // NOLINT(concurrency-mt-unsafe): one thread
    golden_ = std::filesystem::path(source == nullptr ? "." : source) / "tests" / path;
  }

  // Expects the project's files to be the golden ones, all of them and no more.
  void expect(const std::filesystem::path& project) const {
    const std::set<std::string> files = files_of(project);
    if (std::getenv("ALGEAN_REGENERATE") != nullptr) regenerate(project, files);  // NOLINT(concurrency-mt-unsafe)
    std::set<std::filesystem::path> wanted;
    for (const std::string& file : files) {
      wanted.insert(golden_of(file));
      EXPECT_EQ(read_text(project / file).value_or("absent"), read_text(golden_of(file)).value_or("absent")) << file;
    }
    for (const auto& entry : std::filesystem::recursive_directory_iterator(golden_)) {
      const bool known = !entry.is_regular_file() || wanted.contains(entry.path());
      EXPECT_TRUE(known) << entry.path() << " was not generated";
    }
  }

 private:
  [[nodiscard]] std::set<std::string> files_of(const std::filesystem::path& project) const {
    std::set<std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(project)) {
      const std::string path = entry.path().lexically_relative(project).string();
      if (entry.is_regular_file() && compared_(path)) files.insert(path);
    }
    return files;
  }

  [[nodiscard]] std::filesystem::path golden_of(const std::string& file) const {
    return golden_ / (file.ends_with(".cpp") || file.ends_with(".hpp") ? file + ".txt" : file);
  }

  void regenerate(const std::filesystem::path& project, const std::set<std::string>& files) const {
    std::filesystem::remove_all(golden_);
    for (const std::string& file : files) {
      std::filesystem::create_directories(golden_of(file).parent_path());
      std::filesystem::copy_file(project / file, golden_of(file));
    }
  }

  std::filesystem::path golden_;
  std::function<bool(const std::string&)> compared_;
};

}  // namespace algean::testing_support
