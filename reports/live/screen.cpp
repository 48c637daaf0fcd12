#include "reports/live/screen.hpp"

#include <utility>

#include <fmt/core.h>

#include "reports/live/panel.hpp"

namespace squall::reports {
namespace {

unsigned code_points(std::string_view text) {
  unsigned count = 0;
  for (const char c : text) {
    count += (static_cast<unsigned char>(c) & 0xc0) != 0x80 ? 1 : 0;
  }
  return count;
}

std::string_view sequence_of(Ink ink) {
  switch (ink) {
    case Ink::kPlain:
      return "";
    case Ink::kStrong:
      return "\x1b[1m";
    case Ink::kDim:
      return "\x1b[2m";
    case Ink::kGood:
      return "\x1b[32m";
    case Ink::kWarn:
      return "\x1b[33m";
    case Ink::kBad:
      return "\x1b[31m";
  }
  return "";
}

}  // namespace

ScreenLine& ScreenLine::add(std::string text, Ink ink) {
  if (!text.empty()) {
    pieces_.push_back({std::move(text), ink});
  }
  return *this;
}

unsigned ScreenLine::width() const {
  unsigned width = 0;
  for (const Piece& piece : pieces_) {
    width += code_points(piece.text);
  }
  return width;
}

ScreenLine& ScreenLine::pad_to(unsigned columns) {
  const unsigned now = width();
  return now < columns ? add(std::string(columns - now, ' ')) : *this;
}

std::string ScreenLine::rendered(unsigned columns, bool color) const {
  std::string text;
  for (const Piece& piece : pieces_) {
    const std::string part = clipped(piece.text, columns);
    columns -= code_points(part);
    const std::string_view ink = color ? sequence_of(piece.ink) : std::string_view();
    text += ink;
    text += part;
    text += ink.empty() ? "" : "\x1b[0m";
  }
  return text;
}

Screen::Screen(Writer writer, bool color, std::function<void(bool)> on_change)
    : writer_(std::move(writer)), color_(color), on_change_(std::move(on_change)) {}

Screen::~Screen() {
  leave();
}

void Screen::enter() {
  if (on_ || gone_) {
    return;
  }
  if (on_change_) {
    on_change_(true);
  }
  on_ = true;
  forget();
  write(kEnterScreen);
}

void Screen::leave() {
  if (!on_) {
    return;
  }
  on_ = false;
  if (!std::exchange(left_, false)) {
    write(kLeaveScreen);
  }
  if (on_change_) {
    on_change_(false);
  }
}

void Screen::show(const std::vector<ScreenLine>& lines, ScreenSize size) {
  if (!on_) {
    return;
  }
  if (std::exchange(left_, false)) {
    forget();
    write(kEnterScreen);
  }
  std::string text;
  if (size != size_) {
    size_ = size;
    shown_.assign(size.rows, "");
    text = "\x1b[2J";
  }
  for (std::size_t row = 0; row < shown_.size(); ++row) {
    std::string line =
        row < lines.size() ? lines[row].rendered(size.columns, color_) : std::string();
    if (line != shown_[row]) {
      text += fmt::format("\x1b[{};1H{}\x1b[K", row + 1, line);
      shown_[row] = std::move(line);
    }
  }
  if (!text.empty()) {
    write("\x1b[?2026h" + text + "\x1b[?2026l");
  }
}

void Screen::was_left() {
  left_ = on_;
}

void Screen::forget() {
  size_ = {};
  shown_.clear();
}

void Screen::print(std::string_view text) {
  write(text);
}

void Screen::write(std::string_view text) {
  if (!gone_ && !text.empty()) {
    gone_ = !writer_ || !writer_(text);
  }
}

}  // namespace squall::reports
