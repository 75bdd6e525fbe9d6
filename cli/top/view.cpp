// SPDX-License-Identifier: MIT OR Apache-2.0
#include "view.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "../text_columns.hpp"

namespace ron::cli::top {
namespace {

constexpr std::string_view kReverse = "\x1b[7m";
constexpr std::string_view kBold = "\x1b[1m";
constexpr std::string_view kAlarm = "\x1b[1;31m";
constexpr std::string_view kPlain = "\x1b[0m";

std::string styled(std::string_view style, std::string_view text, std::size_t columns) {
  return fmt::format("{}{}{}", style, fitted(text, columns), kPlain);
}

/// Without its last character, which may be several bytes of UTF-8.
void remove_last(std::string& text) {
  while (!text.empty()) {
    const bool goes_on = (static_cast<unsigned char>(text.back()) & 0xc0U) == 0x80U;
    text.pop_back();
    if (!goes_on) return;
  }
}

}  // namespace

bool View::press(Key key) {
  if (edits_filter_) {
    edit(key);
    return true;
  }
  switch (key.kind) {
    case Key::Kind::Text:
      command(key.text);
      break;
    case Key::Kind::Escape:
      filter_.clear();
      break;
    case Key::Kind::Up:
      skipped_ -= std::min<std::size_t>(skipped_, 1);
      break;
    case Key::Kind::Down:
      ++skipped_;
      break;
    case Key::Kind::PageUp:
      skipped_ -= std::min(skipped_, page_);
      break;
    case Key::Kind::PageDown:
      skipped_ += page_;
      break;
    case Key::Kind::Enter:
    case Key::Kind::Backspace:
      break;
  }
  return !ended_;
}

void View::edit(Key key) {
  if (key.kind == Key::Kind::Text) {
    filter_ += key.text;
  } else if (key.kind == Key::Kind::Backspace) {
    remove_last(filter_);
  } else if (key.kind == Key::Kind::Enter) {
    edits_filter_ = false;
  } else if (key.kind == Key::Kind::Escape) {
    edits_filter_ = false;
    filter_.clear();
  }
}

void View::command(char letter) {
  switch (letter) {
    case 'q':
      ended_ = true;
      break;
    case 's':
      sort_ = watch::next(sort_);
      break;
    case 'l':
      sort_ = watch::Sort::Lag;
      break;
    case 'm':
      sort_ = watch::Sort::Lost;
      break;
    case 'r':
      sort_ = watch::Sort::Rate;
      break;
    case 'n':
      sort_ = watch::Sort::Name;
      break;
    case 'j':
      ++skipped_;
      break;
    case 'k':
      skipped_ -= std::min<std::size_t>(skipped_, 1);
      break;
    case '/':
      edits_filter_ = true;
      filter_.clear();
      skipped_ = 0;
      break;
    case ' ':
      paused_ = !paused_;
      break;
    default:
      break;
  }
}

std::vector<std::string> View::screen(const watch::Watch& watch, const Heading& heading,
                                      TerminalSize size, bool unicode) {
  std::vector<std::string> table =
      watch::table_of(watch::chosen(watch.buses(), filter_, sort_),
                      {.columns = size.columns, .unicode = unicode, .colour = true});
  std::vector<std::string> lines;
  std::string title = heading.title;
  if (paused_) title += "  PAUSED";
  lines.push_back(styled(kBold, title, size.columns));
  if (!heading.trouble.empty()) {
    lines.push_back(styled(kAlarm, printable(heading.trouble), size.columns));
  }
  // The heading of the table stays; its other lines move.
  lines.push_back(std::move(table.front()));
  table.erase(table.begin());
  const std::size_t fixed = lines.size() + 1;
  page_ = size.rows > fixed ? size.rows - fixed : 0;
  skipped_ = std::min(skipped_, table.size() - std::min(table.size(), page_));
  const std::size_t shown = std::min(page_, table.size() - skipped_);
  for (std::size_t i = 0; i < shown; ++i) lines.push_back(std::move(table[skipped_ + i]));
  if (table.empty() && shown < page_) {
    lines.emplace_back(filter_.empty() ? "no buses" : "no bus or subscriber by that name");
  }
  lines.resize(std::max<std::size_t>(size.rows, 1) - 1);
  std::string keys;
  if (edits_filter_) {
    keys = fmt::format("filter: {}_", printable(filter_));
  } else {
    keys = fmt::format(" q quit  s sort: {}  / filter{}{}  space pause  arrows scroll",
                       watch::to_string(sort_), filter_.empty() ? "" : ": ", printable(filter_));
  }
  lines.push_back(styled(kReverse, keys, size.columns));
  return lines;
}

}  // namespace ron::cli::top
