// A statically linked program: no library can be put in front of its own. Runs until it is ended.
#include <unistd.h>

int main() {
  while (true) {
    pause();
  }
}
