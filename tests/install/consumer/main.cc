// A program outside the project, built against the installed library: consumer IP HELO ZONE-FILE.
#include <cstdio>
#include <memory>

#include "helovet/engine.h"
#include "helovet/render.h"

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const auto client = helovet::IpAddress::Parse(argv[1]);
  if (!client) return 2;
  helovet::Loop loop;
  const auto engine =
      helovet::Engine::CreateWithZones(loop, std::make_shared<const helovet::Config>(), {argv[3]});
  if (!engine) {
    std::fprintf(stderr, "%s\n", engine.error().ToString().c_str());
    return 2;
  }
  const helovet::Verdict verdict = (*engine)->ValidateAndWait({.client = *client, .helo = argv[2]});
  std::puts(helovet::RenderKeyValues(verdict, (*engine)->config()).c_str());
  return 0;
}
