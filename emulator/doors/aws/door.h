// AwsDoor: the services of AWS on the root path of the daemon's port and on the paths of queues.
//
// POST / is a request of AWS's JSON or Query protocols, and so is GET / with an Action.  Any other
// GET / is DynamoDB's health check, unless the client asks for an index, see IsForIndex.  OPTIONS /
// is a preflight of CORS, and every other method gets DynamoDB's 404.  The URL of a queue of SQS is
// http://HOST/ACCOUNT/NAME; requests may be sent there, too.  Services of the REST-JSON protocol
// have the paths of their routes, which begin with a date: /2015-03-31/functions.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "emulator/doors/aws/wire/json_protocol.h"
#include "emulator/doors/aws/wire/query_protocol.h"
#include "emulator/doors/aws/wire/rest_json.h"
#include "emulator/doors/http/router.h"
#include "functions/pool/writer_log.h"
#include "store/store.h"

namespace kless::doors {

// Whether GET / wants the index of paths: a browser, a client of Kubernetes, curl and wget do.
bool IsForIndex(const HttpRequest& request);

class AwsDoor {
 public:
  AwsDoor(aws::AccountDefaults defaults, std::uint64_t seed);

  // Must be called before Register.
  void Add(aws::Service service);
  // The same with the routes of a service that speaks REST-JSON.
  void Add(aws::Service service, std::vector<aws::RestRoute> routes);
  // An operation of the service whose body is not JSON: it makes the whole reply.
  using BlobOperation = std::function<Task<HttpResponse>(aws::RestJson&, HttpRequest, aws::Caller)>;
  void AddBlob(const std::string& service, std::string method, std::string pattern,
               BlobOperation run);
  // Notes what a function writes by a request with the session token of its environment.  Both
  // must outlive the door.
  void NoteWriters(Store& store, WriterLog& log);
  // The handler that GET / has so far remains for those who ask for the index.  The door must
  // outlive the router's last request.
  void Register(Router& router);

 private:
  struct Rest {
    const aws::Service* service;
    aws::RestRoute route;
    BlobOperation blob;  // null: JSON
  };

  void RegisterQueuePaths(Router& router);
  void RegisterRestPaths(Router& router);
  Task<HttpResponse> OnRest(const Rest* rest, HttpRequest request);
  aws::BegunRequest Begin(aws::Protocol& protocol, HttpRequest& request);
  Task<HttpResponse> Post(HttpRequest request);
  Task<HttpResponse> Get(HttpRequest request);
  Task<HttpResponse> Options(HttpRequest request);
  Task<HttpResponse> Unknown(HttpRequest request);
  Task<HttpResponse> OnQueuePath(HttpRequest request);

  const aws::AccountDefaults defaults_;
  aws::Services services_;
  aws::Replies replies_;
  aws::JsonProtocol json_;
  aws::QueryProtocol query_;
  aws::RestJson rest_json_;
  std::deque<Rest> rest_;
  HttpHandler index_;
  const Router* router_ = nullptr;
  Store* store_ = nullptr;
  WriterLog* writers_ = nullptr;
};

}  // namespace kless::doors
