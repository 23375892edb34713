// What nn's containers do not take.

#ifdef CASE_list_of_numbers  // error: a ModuleList holds modules
void f() { nn::ModuleList<int> list; }
#endif

#ifdef CASE_dict_of_tensors  // error: a ModuleDict holds modules
void f() { nn::ModuleDict<Tensor> dict; }
#endif

#ifdef CASE_list_of_any_without_a_class  // error: a list of any modules is to be told which class
void f() {
  nn::ModuleList<> list;
  list.emplace_back(1, 2);
}
#endif

#ifdef CASE_dict_of_any_without_a_class  // error: a dict of any modules is to be told which class
void f() {
  nn::ModuleDict<> dict;
  dict.emplace("a", 1, 2);
}
#endif

#ifdef CASE_module_of_another_class  // error: (could not convert|cannot convert|no matching|no viable)
void f() {
  nn::ModuleList<Linear> list;
  list.push_back(nn::ReLU());
}
#endif

#ifdef CASE_module_of_somebody_else  // error: (could not convert|cannot convert|no matching|no viable)
void f(Linear& a) {
  nn::ModuleList<Linear> list;
  list.push_back(a);
}
#endif

#ifdef CASE_calling_a_list  // error: this module's forward.. does not take these arguments
void f(nn::ModuleList<Linear>& list, const Tensor& x) { list(x); }
#endif

#ifdef CASE_calling_a_parameter_list  // error: this module's forward.. does not take these arguments
void f(nn::ParameterList& list, const Tensor& x) { list(x); }
#endif

#ifdef CASE_all_of_them  // compiles
struct M : nn::Module<M> {
  nn::ModuleList<Linear> list;
  nn::ModuleList<> any{Linear(1, 2), nn::ReLU()};
  nn::ModuleDict<Linear> heads{{"a", Linear(1, 2)}, {"b", Linear(1, 2)}};
  nn::ModuleDict<> others{{"a", Linear(1, 2)}, {"b", nn::ReLU()}};
  nn::ParameterList weights{nn::Parameter(ones({1}))};
  nn::ParameterDict scales{{"a", nn::Parameter(ones({1}))}};
  M() {
    list.emplace_back(1, 2);
    list.push_back(Linear(1, 2));
    others.emplace<nn::Dropout>("c", 0.5);
    weights.append(ones({2}));
    weights.push_back(nn::Parameter(ones({2})));
  }
  Tensor forward(Tensor x, const std::string& task) {
    for (auto& layer : list) x = layer(x);
    for (auto& layer : any) x = layer(x);
    for (auto& [name, head] : heads) x = name == task ? head(x) : x;
    for (const auto& [name, scale] : scales) x = x * scale;
    return others[task](x) * weights[0];
  }
  TENON_MODULE(M, list, any, heads, others, weights, scales)
};
#endif
