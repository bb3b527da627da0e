// A run neither allocates nor calls the system. This file puts a counter in front of the allocator of its whole
// executable.
#include <gtest/gtest.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>

#include "kernels/library/library.hpp"
#include "kernels/program/program.hpp"
#include "tests/support/sanitized.hpp"
#include "tests/unit/kernels/support/networks.hpp"

#define ALGEAN_COUNTS_ALLOCATIONS (!ALGEAN_SANITIZED)

namespace {
[[maybe_unused]] std::atomic<std::size_t> allocations{0};
}  // namespace

#if ALGEAN_COUNTS_ALLOCATIONS
// glibc's own entry points; these definitions stand in front of its malloc for the whole process, operator new
// included.
// NOLINTBEGIN(bugprone-reserved-identifier, readability-*): the names are glibc's
extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);

void* malloc(std::size_t size) {
  ++allocations;
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) {
  ++allocations;
  return __libc_calloc(count, size);
}
void* realloc(void* data, std::size_t size) {
  ++allocations;
  return __libc_realloc(data, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  ++allocations;
  return __libc_memalign(alignment, size);
}
}
// NOLINTEND(bugprone-reserved-identifier, readability-*)
#endif

namespace algean::kernels {
namespace {

const std::vector<std::int64_t> widths{276, 184, 92, 33, 92, 276};

TEST(QuietRun, DoesNotAllocate) {
#if ALGEAN_COUNTS_ALLOCATIONS
  Random random(4);
  for (const InstructionSet instructions : usable_instruction_sets()) {
    const std::size_t before_compiling = allocations;
    const auto program = compile(testing::dense_network(library(), widths, 5), library(), {instructions, {}}).value();
    EXPECT_GT(allocations, before_compiling);  // the counter counts
    const Tensor x = testing::random_int8(random, program->inputs()[0].type);
    Tensor y(program->outputs()[0].type);
    const std::byte* const inputs[] = {x.bytes().data()};
    std::byte* const outputs[] = {y.bytes().data()};
    const std::size_t before = allocations;
    for (int i = 0; i < 100; ++i) program->run(inputs, outputs);
    EXPECT_EQ(allocations, before) << to_text(instructions);
  }
#else
  GTEST_SKIP() << "a sanitizer owns the allocator";
#endif
}

// Status of a child that goes into seccomp's strict mode (only read, write, _exit, sigreturn; anything else is SIGKILL)
// and calls body. The child leaves by the bare exit system call with what body returns.
template <class Body>
int status_under_seccomp(const Body& body) {
  const pid_t child = fork();
  if (child == 0) {
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) != 0) _exit(77);
    const int result = body();
    syscall(SYS_exit, result);
  }
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return status;
}

TEST(QuietRun, DoesNotCallTheSystem) {
  // The trap springs: a child that asks for its process number is killed.
  const int trapped = status_under_seccomp([] { return static_cast<int>(syscall(SYS_getpid)) & 0; });
  if (WIFEXITED(trapped) && WEXITSTATUS(trapped) == 77) GTEST_SKIP() << "this system refuses seccomp's strict mode";
  ASSERT_TRUE(WIFSIGNALED(trapped));
  ASSERT_EQ(WTERMSIG(trapped), SIGKILL);

  for (const InstructionSet instructions : usable_instruction_sets()) {
    const auto program = compile(testing::dense_network(library(), widths, 5), library(), {instructions, {}}).value();
    Random random(6);
    const Tensor x = testing::random_int8(random, program->inputs()[0].type);
    const Tensor expected = testing::run_engine(*program, x);
    Tensor y(program->outputs()[0].type);
    const std::byte* const inputs[] = {x.bytes().data()};
    std::byte* const outputs[] = {y.bytes().data()};
    const int status = status_under_seccomp([&] {
      for (int i = 0; i < 100; ++i) program->run(inputs, outputs);
      return std::memcmp(y.bytes().data(), expected.bytes().data(), y.bytes().size()) == 0 ? 0 : 1;
    });
    ASSERT_TRUE(WIFEXITED(status)) << to_text(instructions) << ": killed by signal " << WTERMSIG(status);
    EXPECT_EQ(WEXITSTATUS(status), 0) << to_text(instructions);
  }
}

}  // namespace
}  // namespace algean::kernels
