// What every program here starts with. Precompiled: they are many.
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include <tenon/tenon.h>

using namespace tenon;
using nn::Linear;
