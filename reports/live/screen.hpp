// The whole screen of a terminal, for as long as a view has it.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "reports/live/writer.hpp"

namespace squall::reports {

struct ScreenSize {
  unsigned columns = 0;
  unsigned rows = 0;

  bool operator==(const ScreenSize&) const = default;
};

enum class Ink { kPlain, kStrong, kDim, kGood, kWarn, kBad };

// One row: pieces of printable text, each in one ink. A value.
class ScreenLine {
 public:
  ScreenLine() = default;
  ScreenLine(std::string text, Ink ink = Ink::kPlain) { add(std::move(text), ink); }

  ScreenLine& add(std::string text, Ink ink = Ink::kPlain);
  // In code points.
  [[nodiscard]] unsigned width() const;
  // Fills up with spaces to `columns`.
  ScreenLine& pad_to(unsigned columns);
  // As it is written, cut to `columns`; with colours only when `color`.
  [[nodiscard]] std::string rendered(unsigned columns, bool color) const;

 private:
  struct Piece {
    std::string text;
    Ink ink = Ink::kPlain;
  };
  std::vector<Piece> pieces_;
};

// What turns the alternate screen on and off; the second is safe to write at any time and from a
// signal handler. The normal screen, with what stood on it, comes back as it was.
inline constexpr std::string_view kEnterScreen = "\x1b[?1049h\x1b[?7l\x1b[?25l\x1b[2J\x1b[H";
inline constexpr std::string_view kLeaveScreen = "\x1b[?2026l\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l";

// Owns the alternate screen from enter() to leave() or its destruction. Each frame is one write
// that holds only the rows that changed, as a synchronized update, so nothing flickers. One thread.
class Screen {
 public:
  // `on_change` is told true before the screen is entered and false after it is left; empty: nobody
  // wants to know.
  Screen(Writer writer, bool color, std::function<void(bool on)> on_change);
  ~Screen();
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  void enter();
  void leave();
  [[nodiscard]] bool is_on() const { return on_; }
  // Rows below the last line become empty; lines that do not fit are left out. After a change of
  // size everything is drawn anew.
  void show(const std::vector<ScreenLine>& lines, ScreenSize size);
  // Somebody has written kLeaveScreen meanwhile: the next frame enters the screen again and is
  // drawn whole.
  void was_left();
  // Text for the normal screen, between leave() and enter().
  void print(std::string_view text);

 private:
  void forget();
  void write(std::string_view text);

  Writer writer_;
  bool color_;
  std::function<void(bool)> on_change_;
  bool on_ = false;
  bool left_ = false;  // by somebody else
  bool gone_ = false;
  ScreenSize size_;
  std::vector<std::string> shown_;
};

}  // namespace squall::reports
