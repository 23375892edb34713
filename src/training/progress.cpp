#include <tenon/training/progress.h>

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <vector>

#include <fmt/format.h>

namespace tenon::training {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

constinit std::atomic<int> drawn_lines{0};  // that the bars take on the terminal now

std::string time_text(double seconds) {
  const auto s = static_cast<int64_t>(std::min(seconds, 359'999.0) + 0.5);
  return s < 3600 ? fmt::format("{}:{:02}", s / 60, s % 60)
                  : fmt::format("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
}

std::string rate_text(double rate, const std::string& unit) {
  if (rate >= 10) return fmt::format("{} {}/s", grouped(static_cast<int64_t>(rate)), unit);
  return fmt::format("{:.2f} {}/s", rate, unit);
}

}  // namespace

std::string grouped(int64_t n) {
  std::string digits = std::to_string(n);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > (n < 0 ? 1 : 0); at -= 3)
    digits.insert(static_cast<std::size_t>(at), 1, ',');
  return digits;
}

bool bars_are_drawn() noexcept { return drawn_lines > 0; }

struct Progress::Bar {
  const int64_t total;
  const ProgressOptions options;
  int64_t done = options.done;
  std::string note{};
  const Clock::time_point start = Clock::now();
  double next_draw = 0;
  bool is_terminal = false;

  /// This thread's bars, the outermost first.
  static std::vector<Bar*>& all() {
    static thread_local std::vector<Bar*> bars;
    return bars;
  }

  double rate() const { return static_cast<double>(done - options.done) / std::max(seconds_since(start), 1e-9); }
  double part() const {
    return total > 0 ? std::clamp(static_cast<double>(done) / static_cast<double>(total), 0.0, 1.0) : 1;
  }
  std::string amount() const {
    return total < 0 ? fmt::format("{} {}", grouped(done), options.unit) : fmt::format("{:3.0f} %", 100 * part());
  }

  /// What says most comes first, and what does not fit is left out whole: half a number would be another number.
  std::string line(std::size_t columns) const {
    const std::string rate_now = rate_text(rate(), options.unit);
    const bool has_left = total >= 0 && done > options.done && done < total;
    const std::string left = has_left ? time_text(static_cast<double>(total - done) / rate()) + " left" : std::string();
    const auto joined = [](std::initializer_list<std::string_view> parts) {
      std::string all;
      for (const std::string_view part : parts)
        if (!part.empty()) all += (all.empty() ? "" : "  ") + std::string(part);
      return all;
    };
    std::string text;
    for (const std::string& one :
         {joined({options.title, amount(), note, rate_now, left}), joined({options.title, amount(), note, rate_now}),
          joined({options.title, amount(), note}), joined({amount(), note}), amount()})
      if (text = one; text.size() <= columns) break;
    if (text.size() > columns) return {};
    constexpr std::size_t frame = 4, least = 10, most = 40;
    if (total >= 0 && text.starts_with(options.title) && text.size() + frame + least <= columns) {
      const std::size_t width = std::min(most, columns - text.size() - frame);
      const auto full = static_cast<std::size_t>(part() * static_cast<double>(width));
      text.insert(options.title.size(), fmt::format("{}[{:#<{}}{:.<{}}]{}", options.title.empty() ? "" : "  ", "", full,
                                                    "", width - full, options.title.empty() ? "  " : ""));
    }
    return text;
  }

  std::size_t columns() const {
    winsize size{};
    // One column stays free: a full line would wrap, and could not be drawn over.
    if (options.columns) return static_cast<std::size_t>(std::max(*options.columns - 1, 0));
    return ioctl(fileno(options.to), TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col - 1U : 79U;
  }

  static void take_away(std::FILE* to) {
    const int lines = drawn_lines.exchange(0);
    if (lines == 0) return;
    fmt::print(to, "\r\x1b[K");
    for (int i = 1; i < lines; ++i) fmt::print(to, "\x1b[A\x1b[K");
    std::fflush(to);
  }

  /// All bars of this terminal, from the first one's line on.
  static void draw(std::FILE* to) {
    std::string text;
    for (int i = 1; i < drawn_lines; ++i) text += "\x1b[A";
    int lines = 0;
    for (const Bar* bar : all())
      if (bar->is_terminal && bar->options.to == to)
        text += fmt::format("{}\r{}\x1b[K", lines++ == 0 ? "" : "\n", bar->line(bar->columns()));
    fmt::print(to, "{}", text);
    drawn_lines = lines;
    std::fflush(to);
  }
};

Progress::Progress(int64_t total, const ProgressOptions& options) : bar_(new Bar{total, options}) {
  const char* const term = std::getenv("TERM");
  bar_->is_terminal =
      options.is_terminal.value_or(isatty(fileno(options.to)) != 0 && term && std::string_view(term) != "dumb");
  Bar::all().push_back(bar_.get());
}

Progress::~Progress() {
  std::erase(Bar::all(), bar_.get());
  if (!bar_->is_terminal) return;
  Bar::take_away(bar_->options.to);
  if (bar_->options.leave) fmt::print(bar_->options.to, "{}\n", bar_->line(bar_->columns()));
  if (!Bar::all().empty()) Bar::draw(bar_->options.to);
  std::fflush(bar_->options.to);
}

void Progress::update(int64_t done, std::string_view note) {
  bar_->done = done;
  if (!note.empty()) bar_->note = note;
  const double now = seconds();
  // Drawing takes longer than a step of a small model; the eye needs no more than ten a second, a log far fewer.
  if (now < bar_->next_draw) return;
  const bool is_first = bar_->next_draw == 0;
  bar_->next_draw = now + (bar_->is_terminal ? 0.1 : std::max(bar_->options.plain_seconds, 0.1));
  if (bar_->is_terminal) {
    Bar::draw(bar_->options.to);
  } else if (bar_->options.plain_seconds > 0 && !is_first) {
    fmt::print(bar_->options.to, "{}\n", bar_->line(std::string::npos / 2));
    std::fflush(bar_->options.to);
  }
}

void Progress::clear() {
  if (bar_->is_terminal) Bar::take_away(bar_->options.to);
}

void Progress::print(std::string_view line) {
  clear();
  fmt::print(bar_->options.to, "{}\n", line);
  if (bar_->is_terminal) Bar::draw(bar_->options.to);
  std::fflush(bar_->options.to);
}

int64_t Progress::done() const { return bar_->done; }
double Progress::seconds() const { return seconds_since(bar_->start); }
double Progress::rate() const { return bar_->rate(); }
bool Progress::is_terminal() const { return bar_->is_terminal; }

}  // namespace tenon::training
