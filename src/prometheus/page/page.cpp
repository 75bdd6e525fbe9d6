// SPDX-License-Identifier: MIT OR Apache-2.0
#include "src/prometheus/page/page.hpp"

#include <algorithm>
#include <array>

#include "src/prometheus/page/embedded.hpp"

namespace ron::prometheus::page {

namespace {

struct Route {
  std::string_view path;
  std::string_view type;
  std::string_view (*text)();
};

constexpr std::string_view kStyle = "text/css; charset=utf-8";
constexpr std::string_view kScript = "text/javascript; charset=utf-8";

constexpr std::array kRoutes{
    Route{"/", "text/html; charset=utf-8", embedded::index_html},
    Route{"/page.css", kStyle, embedded::page_css},
    Route{"/page.js", kScript, embedded::page_js},
    Route{"/chart.js", kScript, embedded::chart_js},
    Route{"/exposition.js", kScript, embedded::exposition_js},
    Route{"/history.js", kScript, embedded::history_js},
    Route{"/numbers.js", kScript, embedded::numbers_js},
    Route{"/table.js", kScript, embedded::table_js},
    Route{"/uplot/LICENSE", "text/plain; charset=utf-8", embedded::license},
    Route{"/uplot/uPlot.iife.min.js", kScript, embedded::uplot_iife_min_js},
    Route{"/uplot/uPlot.min.css", kStyle, embedded::uplot_min_css},
};

}  // namespace

std::optional<File> file_at(std::string_view path) {
  const auto* const route = std::ranges::find(kRoutes, path, &Route::path);
  if (route == kRoutes.end()) return std::nullopt;
  return File{route->type, route->text()};
}

}  // namespace ron::prometheus::page
