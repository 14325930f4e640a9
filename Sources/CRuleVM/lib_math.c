// The functions of `math`. random() is the core's: seeded by the rule and the event, so a replay draws
// the same numbers.
#include "library.h"

#include <float.h>
#include <math.h>

// MARK: Integers and rounding

// Pushes a whole number as an integer when it is in range, else as the float it is.
static void push_whole(lua_State *L, lua_Number value) {
  lua_Integer integer;
  if (lua_numbertointeger(value, &integer)) {
    lua_pushinteger(L, integer);
  } else {
    lua_pushnumber(L, value);
  }
}

static int math_abs(lua_State *L) {
  if (lua_isinteger(L, 1)) {
    lua_Integer value = lua_tointeger(L, 1);
    lua_pushinteger(L, value < 0 ? (lua_Integer)(0u - (lua_Unsigned)value) : value);
  } else {
    lua_pushnumber(L, fabs(luaL_checknumber(L, 1)));
  }
  return 1;
}

static int math_ceil(lua_State *L) {
  if (lua_isinteger(L, 1)) {
    lua_settop(L, 1);
  } else {
    push_whole(L, ceil(luaL_checknumber(L, 1)));
  }
  return 1;
}

static int math_floor(lua_State *L) {
  if (lua_isinteger(L, 1)) {
    lua_settop(L, 1);
  } else {
    push_whole(L, floor(luaL_checknumber(L, 1)));
  }
  return 1;
}

static int math_fmod(lua_State *L) {
  if (lua_isinteger(L, 1) && lua_isinteger(L, 2)) {
    lua_Integer divisor = lua_tointeger(L, 2);
    luaL_argcheck(L, divisor != 0, 2, "zero");
    // The smallest integer divided by -1 has no quotient; the rest is 0 all the same.
    lua_pushinteger(L, divisor == -1 ? 0 : lua_tointeger(L, 1) % divisor);
  } else {
    lua_pushnumber(L, fmod(luaL_checknumber(L, 1), luaL_checknumber(L, 2)));
  }
  return 1;
}

static int math_modf(lua_State *L) {
  if (lua_isinteger(L, 1)) {
    lua_settop(L, 1);
    lua_pushnumber(L, 0);
    return 2;
  }
  lua_Number value = luaL_checknumber(L, 1);
  lua_Number whole = trunc(value);
  push_whole(L, whole);
  lua_pushnumber(L, value == whole ? 0.0 : value - whole);
  return 2;
}

static int math_tointeger(lua_State *L) {
  int valid;
  lua_Integer value = lua_tointegerx(L, 1, &valid);
  if (valid) {
    lua_pushinteger(L, value);
  } else {
    luaL_checkany(L, 1);
    lua_pushnil(L);
  }
  return 1;
}

static int math_ult(lua_State *L) {
  lua_Unsigned left = (lua_Unsigned)luaL_checkinteger(L, 1);
  lua_pushboolean(L, left < (lua_Unsigned)luaL_checkinteger(L, 2));
  return 1;
}

static int math_type(lua_State *L) {
  if (lua_type(L, 1) == LUA_TNUMBER) {
    lua_pushstring(L, lua_isinteger(L, 1) ? "integer" : "float");
  } else {
    luaL_checkany(L, 1);
    lua_pushnil(L);
  }
  return 1;
}

// By the operator `<`, so also for strings, which are charged by their length.
static int pick_extreme(lua_State *L, bool largest) {
  int count = lua_gettop(L), best = 1;
  luaL_argcheck(L, count >= 1, 1, "value expected");
  for (int i = 2; i <= count; i++) {
    crv_charge(L, lua_type(L, i) == LUA_TSTRING ? 1 + lua_rawlen(L, i) / 16 : 1);
    if (largest ? lua_compare(L, best, i, LUA_OPLT) : lua_compare(L, i, best, LUA_OPLT)) best = i;
  }
  lua_pushvalue(L, best);
  return 1;
}

static int math_max(lua_State *L) { return pick_extreme(L, true); }

static int math_min(lua_State *L) { return pick_extreme(L, false); }

// MARK: Functions of real numbers

static int push_real(lua_State *L, double (*function)(double)) {
  lua_pushnumber(L, function(luaL_checknumber(L, 1)));
  return 1;
}

static int math_sqrt(lua_State *L) { return push_real(L, sqrt); }
static int math_sin(lua_State *L) { return push_real(L, sin); }
static int math_cos(lua_State *L) { return push_real(L, cos); }
static int math_tan(lua_State *L) { return push_real(L, tan); }
static int math_asin(lua_State *L) { return push_real(L, asin); }
static int math_acos(lua_State *L) { return push_real(L, acos); }
static int math_exp(lua_State *L) { return push_real(L, exp); }

static int math_atan(lua_State *L) {
  lua_Number y = luaL_checknumber(L, 1);
  lua_pushnumber(L, atan2(y, luaL_optnumber(L, 2, 1)));
  return 1;
}

static int math_log(lua_State *L) {
  lua_Number value = luaL_checknumber(L, 1);
  if (lua_isnoneornil(L, 2)) {
    lua_pushnumber(L, log(value));
    return 1;
  }
  lua_Number base = luaL_checknumber(L, 2);
  lua_pushnumber(L, base == 2.0 ? log2(value) : base == 10.0 ? log10(value) : log(value) / log(base));
  return 1;
}

static int math_deg(lua_State *L) {
  lua_pushnumber(L, luaL_checknumber(L, 1) * (180.0 / M_PI));
  return 1;
}

static int math_rad(lua_State *L) {
  lua_pushnumber(L, luaL_checknumber(L, 1) * (M_PI / 180.0));
  return 1;
}

// MARK: Random numbers

// splitmix64: one word of state, seeded anew for each event at the first draw in it.
static uint64_t next_random(crv_vm *vm) {
  if (!vm->random_ready) {
    vm->random_state = vm->event_seed;
    vm->random_ready = true;
  }
  uint64_t z = vm->random_state += 0x9e3779b97f4a7c15u;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}

// A number in 0...highest, each as likely: draws again when the masked bits are past it.
static uint64_t random_up_to(crv_vm *vm, uint64_t highest) {
  if (highest == 0) return 0;
  uint64_t mask = UINT64_MAX >> __builtin_clzll(highest);
  for (;;) {
    uint64_t draw = next_random(vm) & mask;
    if (draw <= highest) return draw;
  }
}

static int math_random(lua_State *L) {
  crv_vm *vm = crv_self(L);
  lua_Integer low = 1, high;
  switch (lua_gettop(L)) {
    case 0:
      lua_pushnumber(L, (double)(next_random(vm) >> 11) * 0x1p-53);
      return 1;
    case 1:
      high = luaL_checkinteger(L, 1);
      if (high == 0) {
        lua_pushinteger(L, (lua_Integer)next_random(vm));
        return 1;
      }
      break;
    case 2:
      low = luaL_checkinteger(L, 1);
      high = luaL_checkinteger(L, 2);
      break;
    default: return luaL_error(L, "wrong number of arguments");
  }
  luaL_argcheck(L, low <= high, lua_gettop(L), "interval is empty");
  uint64_t draw = random_up_to(vm, (lua_Unsigned)high - (lua_Unsigned)low);
  lua_pushinteger(L, (lua_Integer)((lua_Unsigned)low + draw));
  return 1;
}

int crv_open_math(lua_State *L) {
  static const luaL_Reg functions[] = {
    {"abs", math_abs}, {"acos", math_acos}, {"asin", math_asin}, {"atan", math_atan},
    {"ceil", math_ceil}, {"cos", math_cos}, {"deg", math_deg}, {"exp", math_exp},
    {"floor", math_floor}, {"fmod", math_fmod}, {"log", math_log}, {"max", math_max},
    {"min", math_min}, {"modf", math_modf}, {"rad", math_rad}, {"random", math_random},
    {"sin", math_sin}, {"sqrt", math_sqrt}, {"tan", math_tan}, {"tointeger", math_tointeger},
    {"type", math_type}, {"ult", math_ult}, {NULL, NULL},
  };
  luaL_newlib(L, functions);
  lua_pushnumber(L, HUGE_VAL);
  lua_setfield(L, -2, "huge");
  lua_pushinteger(L, LUA_MAXINTEGER);
  lua_setfield(L, -2, "maxinteger");
  lua_pushinteger(L, LUA_MININTEGER);
  lua_setfield(L, -2, "mininteger");
  lua_pushnumber(L, M_PI);
  lua_setfield(L, -2, "pi");
  return 1;
}
