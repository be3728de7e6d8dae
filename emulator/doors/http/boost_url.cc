// Boost.URL, compiled once: Debian has its library in a package of its own.
#include <boost/url/src.hpp>
