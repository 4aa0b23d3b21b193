#include "core/studio/session.h"
#include "core/training/trainer.h"

namespace barlow {

Session::Session(SessionObserver& observer) : Session(observer, makeTrainer) {}

}  // namespace barlow
