// What the tests of the native engine share.
#pragma once

#include "loadgen/engine/native_engine.hpp"
#include "tests/loadgen/engine/engine_rig.hpp"

namespace squall::engine::test {

using Rig = EngineRig<NativeEngine>;

}  // namespace squall::engine::test
